const LISTED = 20;

/** Names to choose from, as a sentence lists them: of many the first. */
export const listed = (names: readonly string[]): string => names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ', …' : '');
