/** How far back, and how many senders, a status looks at. */

import { DAY_MS } from '../core/duration.ts';

/** Senders of the last week; who was silent for longer is on holiday or gone. */
export const SENDERS_MS = 7 * DAY_MS;

export const SENDERS_MAX = 200;
