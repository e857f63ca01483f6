/** The token, once given, stays for this tab only; where the browser keeps nothing for the page, until the page is left. */
const KEY = 'ledgerline-token';
let given: string | undefined;

export function storedToken(): string | undefined {
  if (given !== undefined) return given;
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function rememberToken(token: string): void {
  given = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Storage is blocked: it is asked for again when the page is loaded again.
  }
}

export function forgetToken(): void {
  given = undefined;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** Browsers send no header with other characters, such as those that come along when a token is copied from a document. */
export const tokenProblem = (token: string): string =>
  /[^\x21-\x7e]/.test(token) ? 'A token is one line of ASCII without spaces, as `ledgerline token new` makes it.' : '';
