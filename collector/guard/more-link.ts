/**
 * Signed links with which a developer asks for more of a budget without a command: whoever has one may ask in the name of its user for that
 * budget, and nothing else. As short as it can be, since it stands in a sentence, and the same text whenever it is made within the same day of
 * the budget's period.
 */
import { z } from 'zod';
import type { BudgetStatus } from '../budgets/status.ts';
import { ROUTES } from '../catalog/names.ts';
import { DAY_MS, MINUTE_MS } from '../core/duration.ts';
import { readLink, signLink } from '../server/signed-link.ts';

const PURPOSE = 'more budget';
/** Half of the usual one: nobody guesses 128 bits within a day. */
const MAC_BYTES = 16;

export interface MoreLink {
  readonly key: string;
  /** As the ledger stores the user. */
  readonly user: string;
  /** Epoch milliseconds, a whole minute. */
  readonly untilMs: number;
}

/** Minute it ends, key, and the user where the key does not end with it. */
const linkSchema = z.union([z.tuple([z.int(), z.string()]), z.tuple([z.int(), z.string(), z.string()])]);

export function moreUrl({ key, user, untilMs }: MoreLink, secret: Uint8Array, publicUrl: string): string {
  const minute = Math.floor(untilMs / MINUTE_MS);
  return `${publicUrl}${ROUTES.morePages}/${signLink(secret, PURPOSE, memberOf(key) === user ? [minute, key] : [minute, key, user], MAC_BYTES)}`;
}

/** Undefined for what this collector has not signed. It may have expired. */
export function readMoreLink(text: string, secret: Uint8Array): MoreLink | undefined {
  const parsed = linkSchema.safeParse(readLink(secret, PURPOSE, text, MAC_BYTES));
  if (!parsed.success) return undefined;
  const [minute, key, user = memberOf(key)] = parsed.data;
  return { key, user, untilMs: minute * MINUTE_MS };
}

/** The period's end, or as many whole days before it as there are to come: at most 24 hours from now, and the same until then. */
export function moreLinkEnd({ periodEndMs }: Pick<BudgetStatus, 'periodEndMs'>, nowMs: number): number {
  const days = Math.ceil((periodEndMs - nowMs) / DAY_MS) - 1;
  return periodEndMs - Math.max(days, 0) * DAY_MS;
}

const memberOf = (key: string): string => key.slice(key.indexOf('/') + 1);
