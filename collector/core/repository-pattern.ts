/** The parts of a repository's address that a name of it does without. */

export const SCHEME = /^[a-z][a-z0-9+.-]*:\/+/i;

/** A password may have any of @, / and : in it, so a user ends at the last @. One at the very beginning ends none. */
export const behindUser = (address: string): string => (address.lastIndexOf('@') <= 0 ? address : address.slice(address.lastIndexOf('@') + 1)).trim();

/** A pattern of the directory that was written with a user, such as "git@github.com:acme/*". */
export const repositoryPattern = (pattern: string): string => {
  const scheme = SCHEME.exec(pattern)?.[0] ?? '';
  return `${scheme}${behindUser(pattern.slice(scheme.length))}`;
};
