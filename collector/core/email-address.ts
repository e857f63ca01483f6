/** Addresses of people in texts that are something else: names, paths, messages. Also percent-encoded, and with a full-width @. */

const AT = '(?:@|\\uff20|%(?:25)*40)';
const LOCAL = "[\\p{L}\\p{N}._%+'-]+";
/** With a dot in the domain: "plugin@marketplace" and "model@20250929" are none. Sources of regular expressions with the flags iu. */
export const ADDRESS = `${LOCAL}${AT}[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+`;
/** At the end of a text that was cut, the dot may be missing. */
export const CUT_ADDRESS = `${LOCAL}${AT}[\\p{L}\\p{N}.-]*$`;

const SIGN = new RegExp(AT, 'iu');
const ADDRESSES = new RegExp(ADDRESS, 'giu');

export const hasAt = (text: string): boolean => SIGN.test(text);

/** An address as it is usually written. */
export const plainAddress = (address: string): string => address.replace(SIGN, '@');

export const withoutAddresses = (text: string): string => (hasAt(text) ? text.replaceAll(ADDRESSES, '(address)') : text);
