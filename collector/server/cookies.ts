/** Cookies of requests, and of answers. */

/** The value of the first cookie of this name. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

export interface CookieOptions {
  readonly isSecure: boolean;
  /** 0: it is removed. */
  readonly maxAgeMs: number;
}

/** Out of reach of scripts, and not sent along when another page asks for something, but for following a link. */
export const setCookie = (name: string, value: string, { isSecure, maxAgeMs }: CookieOptions): string =>
  [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${Math.floor(maxAgeMs / 1000)}`, ...(isSecure ? ['Secure'] : [])].join('; ');
