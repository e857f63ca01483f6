/**
 * Adjustments (Entry.isAdjustment): corrections of a repricing, and history of users and days that sent no telemetry. Each is posted as it is,
 * at its time and under its dimensions, beside all windows: it neither changes what other entries book nor is changed by them.
 *
 * Its cost is booked and is no source's own account; its amounts may be of any measure but those that an entry has fields of its own for, and
 * negative. It counts no session, no person, no minute and no latency, and is never late.
 */
import { hash } from 'node:crypto';
import type { BookingItem, Posting } from './booking.ts';

interface Identified {
  readonly identity: string;
}

/** Begins the identities of adjustments. Below all characters of a record's: at one instant a record is the session's last. */
export const ADJUSTMENT_MARK = '#';

/** By the character after the mark, so that a repricing finds what earlier ones did. */
const KINDS = { history: 'h', repricing: 'r' } as const;
export type AdjustmentKind = keyof typeof KINDS;
/** Characters of an identity that are a digest: 84 bits. */
const DIGEST_CHARACTERS = 14;

/** The same text, the same adjustment. */
export const adjustmentIdentity = (kind: AdjustmentKind, text: string): string =>
  ADJUSTMENT_MARK + KINDS[kind] + hash('sha256', text, 'base64url').slice(0, DIGEST_CHARACTERS);

export const isRepricing = ({ identity }: Identified): boolean => identity.startsWith(ADJUSTMENT_MARK + KINDS.repricing);

/** Of a session's first place: it has no record of a client. */
export const isOfAdjustments = ({ identity }: Identified): boolean => identity.startsWith(ADJUSTMENT_MARK);

export const postAdjustment = <Dims>({ timeMs, dims, source, cost, listCost, amounts }: BookingItem<Dims>): Posting<Dims> => ({
  ...{ timeMs, dims, source, cost, costList: listCost, amounts, isAdjustment: true },
  ...{ costEstimated: 0n, costUnreconciled: 0n, sourceCost: 0n },
});
