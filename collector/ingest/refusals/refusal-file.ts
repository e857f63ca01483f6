/** Refusals on disk beside the ledger, so that `ledgerline doctor` knows them beside a collector, and after one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isRefusalKind, type RefusalKind, type RefusalTotal } from '../../catalog/refusals.ts';

const kind = z.custom<RefusalKind>((value) => typeof value === 'string' && isRefusalKind(value));
const total = z.object({
  kind,
  detail: z.string(),
  count: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
  senders: z.array(z.object({ address: z.string(), count: z.number(), lastMs: z.number() })),
  hasMoreSenders: z.boolean(),
});

/** Empty when it is not of this version: what is in it is no part of the ledger. */
export function parseRefusals(bytes: Uint8Array): readonly RefusalTotal[] {
  try {
    return z.array(total).parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return [];
  }
}

/** The same of a file, and empty when there is none. */
export function readRefusals(file: string): readonly RefusalTotal[] {
  try {
    return parseRefusals(readFileSync(file));
  } catch {
    return [];
  }
}

/** Whole or not at all. Throws when the disk does not take it. */
export function writeRefusals(file: string, totals: readonly RefusalTotal[]): void {
  const draft = `${file}.new`;
  writeFileSync(draft, JSON.stringify(totals), { mode: 0o600 });
  renameSync(draft, file);
}
