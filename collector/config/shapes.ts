/** Shapes that several sections of the configuration share. */

import { z } from 'zod';
import { WEEK_STARTS } from '../core/calendar.ts';
import { DAY_MESSAGE, isDay } from '../core/day.ts';
import { zoneName } from '../core/time-zone.ts';

export const SLUG = /^[a-z0-9][a-z0-9_-]*$/;
export const SLUG_MESSAGE = 'must be lower-case letters, digits, - and _';

export const timeZone = z.string().refine((zone) => {
  try {
    zoneName(zone);
    return true;
  } catch {
    return false;
  }
}, 'must be an IANA time zone such as "Europe/Berlin" or "UTC"');

export const weekStart = z.enum(WEEK_STARTS);
export const usd = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, 'must be an amount in USD as a decimal string, such as "500.00"');
export const day = z.string().refine(isDay, DAY_MESSAGE);

/** "https://name:password@host": the part before the @. */
const CREDENTIALS = /\/\/[^/?#]*@/;

export const hasPassword = (url: string): boolean => CREDENTIALS.test(url);
