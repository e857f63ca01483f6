/** How far back, and how many senders, a status looks at. */

/** Senders of the last week; who was silent for longer is on holiday or gone. */
export const SENDERS_MS = 7 * 24 * 3_600_000;

export const SENDERS_MAX = 200;
