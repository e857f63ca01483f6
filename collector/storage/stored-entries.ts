/** Entries as every store keeps them: what their flags are in SQL, and what of a former version is read from others. */
import { ADJUSTMENT_MARK } from '../ledger/adjustments.ts';
import { requestKey } from '../ledger/stand-ins.ts';
import { ADJUSTMENT, COVERED, readAmounts, SET_ASIDE, sourceOf } from './batch-codec.ts';

/** Of an entry e that is in its session's history. */
export const DATED = `(e.flags & ${SET_ASIDE | ADJUSTMENT | COVERED}) = 0`;
/** The characters that identities of adjustments lie between: the key leads to them. */
const AFTER_ADJUSTMENTS = String.fromCharCode(ADJUSTMENT_MARK.charCodeAt(0) + 1);
export const IS_ADJUSTMENT = `(e.flags & ${ADJUSTMENT}) <> 0 AND e.identity >= '${ADJUSTMENT_MARK}' AND e.identity < '${AFTER_ADJUSTMENTS}'`;
/** By the number that is stored. */
export const HELD_BACK = [undefined, 'late', 'reach'] as const;

/** Of an event from before requests were kept: what is known of it is its prompt. */
export function promptOf({ model, amounts }: Readonly<Record<string, unknown>>, flags: number): string | undefined {
  if (sourceOf(flags) !== 'events') return undefined;
  const { requests, input_tokens: input, cache_read_tokens: cacheRead = 0, cache_creation_tokens: cacheCreation = 0 } = readAmounts(String(amounts));
  return requests === undefined || input === undefined ? undefined : requestKey({ id: '', model: String(model), input, cacheRead, cacheCreation });
}
