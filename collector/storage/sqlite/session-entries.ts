/** The entries of one session as booking wants them, and what they come to. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type BookingItem, inTimeOrder, SessionBook } from '../../ledger/booking.ts';
import { Vector } from '../../ledger/sums.ts';
import { readAmounts, recognisedOf, sourceOf } from './batch-codec.ts';

/** An entry as booking wants it, with the client's own number of it. */
export interface HistoryItem extends BookingItem<number> {
  readonly sequence: number | undefined;
}

export const isNumbered = (item: HistoryItem): item is HistoryItem & { readonly sequence: number } => item.sequence !== undefined;

export class History {
  readonly #entries: StatementSync;

  constructor(database: DatabaseSync) {
    this.#entries = database.prepare('SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ?');
    this.#entries.setReadBigInts(true);
  }

  /** Oldest first. */
  of(session: number): HistoryItem[] {
    return this.#entries.all(session).map(itemOf).sort(inTimeOrder);
  }
}

/** Every measure by model, of a session's items oldest first. `sessions` is left to the caller, who knows whether this one counts. */
export function totalsByModel(items: readonly HistoryItem[]): Map<string, Vector> {
  const totals = new Map<string, Vector>();
  for (const [index, posting] of new SessionBook<number>().bookAll(items).entries()) {
    totals.getOrInsertComputed(items[index]?.model ?? '', () => new Vector()).add(posting);
  }
  return totals;
}

function itemOf(row: Record<string, unknown>): HistoryItem {
  const flags = Number(row.flags);
  return {
    identity: String(row.identity),
    timeMs: Number(row.time_ms),
    source: sourceOf(flags),
    model: String(row.model),
    modelRecognised: recognisedOf(flags),
    dims: Number(row.dims),
    cost: row.cost as bigint,
    listCost: row.list_cost as bigint,
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs: Number(row.start_ms) },
    sequence: row.sequence === null ? undefined : Number(row.sequence),
  };
}
