/** The straight line from a decoded export to its answer: interpret, attribute, price, charge, append. */

import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Credentials } from '../server/auth.ts';
import type { Attribute } from './attribution/attribution.ts';
import type { JoinKeys } from './attribution/join-keys.ts';
import { charge } from './charge.ts';
import { refusalsOf } from './refusals/refusals-of.ts';
import type { Export, Ingest, IngestOutcome } from './telemetry.ts';
import type { Interpretation, Rejection, Usage } from './usage.ts';

/** Is given what became of each export's records. Methods must not throw. */
export interface IngestObserver {
  interpreted(signal: Export['signal'], interpretation: Interpretation): void;
  /** `durationMs` runs from handing the batch over until it is durable. */
  appended(outcome: AppendOutcome, durationMs: number): void;
}

export interface IngestOptions {
  readonly interpret: (received: Export, receivedMs: number) => Interpretation;
  readonly attribute: Attribute;
  readonly joinKeys: JoinKeys;
  readonly prices: PriceBook;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly observer: IngestObserver;
  readonly now: () => number;
}

/** A partial-success message stays readable: this many different reasons are spelt out. */
const REASONS_SHOWN = 5;

export function createIngest({ interpret, attribute, joinKeys, prices, ledger, observer, now }: IngestOptions): Ingest {
  const entryOf = (usage: Usage, credentials: Credentials): Entry => {
    const listPrice = usage.tokens && prices.listPrice(usage.dimensions.model ?? '', usage.tokens, usage.timeMs, { speed: speedOf(usage) });
    return charge(usage, attribute(usage.claims, credentials, usage.timeMs), listPrice, joinKeys(usage.claims, credentials));
  };

  return async (received, credentials) => {
    if (received.signal === 'traces') return { accepted: received.spans, rejected: 0, message: '' };
    const receivedMs = now();
    const interpretation = interpret(received, receivedMs);
    observer.interpreted(received.signal, interpretation);
    const { usages, rejections } = interpretation;
    const offered = received.scopes.reduce((sum, scope) => sum + scope.records.length, 0);
    if (usages.length === 0) return withRefusals(outcomeOf(offered, rejections, 0), interpretation, received.signal);
    const outcome = await ledger.append({ entries: usages.map((usage) => entryOf(usage, credentials)), receivedMs: interpretation.arrivalMs });
    observer.appended(outcome, now() - receivedMs);
    return withRefusals(outcomeOf(offered, rejections, outcome.expired), interpretation, received.signal, outcome);
  };
}

const speedOf = (usage: Usage) => (usage.dimensions.speed === 'fast' ? 'fast' : 'normal');

function outcomeOf(offered: number, rejections: readonly Rejection[], expired: number): IngestOutcome {
  const rejected = rejections.length + expired;
  return { accepted: offered - rejected, rejected, message: rejected === 0 ? '' : explain(rejections, expired) };
}

function withRefusals(outcome: IngestOutcome, ...of: Parameters<typeof refusalsOf>): IngestOutcome {
  const refusals = refusalsOf(...of);
  return refusals.length === 0 ? outcome : { ...outcome, refusals };
}

function explain(rejections: readonly Rejection[], expired: number): string {
  const counts = new Map<string, number>();
  for (const { message } of rejections) counts.set(message, (counts.get(message) ?? 0) + 1);
  if (expired > 0) counts.set('Older than the entries that are kept (retention.entries_days), so a repeat could not be recognized.', expired);
  const shown = [...counts].slice(0, REASONS_SHOWN).map(([message, count]) => (count === 1 ? message : `${message} (${count} records)`));
  const hidden = counts.size - shown.length;
  return hidden > 0 ? `${shown.join(' ')} And ${hidden} more reasons.` : shown.join(' ');
}
