/** Shapes that several sections of the configuration share. */
import { z } from 'zod';

export const SLUG = /^[a-z0-9][a-z0-9_-]*$/;
export const SLUG_MESSAGE = 'must be lower-case letters, digits, - and _';

export const timeZone = z.string().refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'must be an IANA time zone such as "Europe/Berlin" or "UTC"');
