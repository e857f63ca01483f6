/** Names that were renamed and that files, configurations and links of the past still have. */

/** Dimensions by their former name. */
const FORMER_DIMENSIONS: ReadonlyMap<string, string> = new Map([['organisation', 'organization']]);
const FORMER_OF: ReadonlyMap<string, string> = new Map([...FORMER_DIMENSIONS].map(([former, now]) => [now, former]));

/** A dimension's name of today, whichever of its names is given. Any other text is returned as it is. */
export const currentName = (name: string): string => FORMER_DIMENSIONS.get(name) ?? name;

/** The first name that a dimension had: what is derived from names and kept in files was derived from this one. */
export const firstName = (name: string): string => FORMER_OF.get(name) ?? name;

/** The text of a scope, "organization=acme, team=platform", under the names of today. */
export const withCurrentScope = (text: string): string => text.replaceAll(/(?<=^|, )organisation=/g, 'organization=');
