/**
 * The straight line from a decoded export to its answer: interpret, attribute, price, charge, append. A large export goes along it in
 * parts, between which other exports have their turn on this thread and in the writer's.
 */

import { DIMENSION_NAMES } from '../catalog/measures.ts';
import type { Refusal } from '../catalog/refusals.ts';
import { inTurns, turn } from '../core/turn.ts';
import type { AppendOutcome, Batch, Entry, StandInOutcome } from '../ledger/entry.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { Charged } from '../pricing/learn/learner.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Credentials } from '../server/auth.ts';
import type { IngestApiSpans } from './api-spans/ingest.ts';
import type { Attribute } from './attribution/attribution.ts';
import type { JoinKeys } from './attribution/join-keys.ts';
import type { CountOverruled } from './attribution/overruled.ts';
import type { RealmOf } from './attribution/realm.ts';
import type { Veil } from './attribution/veil.ts';
import { charge } from './charge.ts';
import { chargedOf } from './charged.ts';
import { withImport } from './import-answer.ts';
import { priceUsage } from './price.ts';
import { refusalsOf } from './refusals/refusals-of.ts';
import { collapseRepeats } from './repeats.ts';
import type { Export, Ingest, IngestOutcome } from './telemetry.ts';
import type { Interpretation, Rejection, Usage } from './usage.ts';

/** Is given what became of each export's records. Methods must not throw. */
export interface IngestObserver {
  interpreted(signal: Export['signal'], interpretation: Interpretation): void;
  /** `durationMs` runs from handing the batch over until it is durable. */
  appended(outcome: AppendOutcome, durationMs: number): void;
}

export interface IngestOptions {
  readonly interpret: (received: Export, receivedMs: number) => Iterator<void, Interpretation>;
  readonly attribute: Attribute;
  readonly realmOf: RealmOf;
  readonly overruled: CountOverruled;
  readonly joinKeys: JoinKeys;
  /** Where people are to appear under pseudonyms. */
  readonly veil?: Veil | undefined;
  readonly prices: PriceBook;
  /** Sees what clients charged for each request, before it is priced. Must not throw. */
  readonly learn?: ((charged: Charged) => void) | undefined;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly observer: IngestObserver;
  readonly now: () => number;
  /** What tokens for it send. Omitted: they are accepted, as other spans. */
  readonly apiSpans?: IngestApiSpans | undefined;
}

/** About 5 ms of attributing and pricing. */
const USAGES_PER_TURN = 256;
/** What is appended and waited for at once: an export that arrives meanwhile waits for the commit of no more. */
const ENTRIES_PER_APPEND = 250;
/** A partial-success message stays readable: this many different reasons are spelt out. */
const REASONS_SHOWN = 5;

export function createIngest({
  interpret,
  attribute,
  realmOf,
  overruled,
  joinKeys,
  veil,
  prices,
  learn,
  ledger,
  observer,
  now,
  apiSpans,
}: IngestOptions): Ingest {
  const entryOf = (usage: Usage, credentials: Credentials): Entry => {
    const charged = learn && chargedOf(usage);
    // What is learnt is kept under the name of the model, which no veil is over.
    if (charged !== undefined && veil?.hides(charged.model, usage.claims, credentials) !== true) learn?.(charged);
    const origin = { realm: realmOf(credentials), keys: joinKeys(usage.claims, credentials) };
    const entry = charge(usage, attribute(usage.claims, credentials, usage.timeMs), priceUsage(usage, prices), origin);
    return veil?.over(entry, usage.claims, credentials) ?? entry;
  };

  const entriesOf = async (usages: readonly Usage[], credentials: Credentials): Promise<readonly Entry[]> => {
    const entries: Entry[] = [];
    for (const usage of usages) {
      if (entries.length > 0 && entries.length % USAGES_PER_TURN === 0) await turn();
      entries.push(entryOf(usage, credentials));
    }
    const once = collapseRepeats(entries);
    // Each part would be late for the one before otherwise, and its session booked again from there.
    return once.length <= ENTRIES_PER_APPEND ? once : once.toSorted((one, other) => one.timeMs - other.timeMs);
  };

  const append = async (entries: readonly Entry[], arrival: Omit<Batch, 'entries'>): Promise<AppendOutcome> => {
    let total = NOTHING;
    for (let at = 0; at < entries.length; at += ENTRIES_PER_APPEND) {
      const startedMs = now();
      const outcome = await ledger.append({ ...arrival, entries: entries.slice(at, at + ENTRIES_PER_APPEND) });
      observer.appended(outcome, now() - startedMs);
      total = added(total, outcome);
    }
    return total;
  };

  const book = async (interpretation: Interpretation, { signal, offered }: Offered, credentials: Credentials): Promise<IngestOutcome> => {
    observer.interpreted(signal, interpretation);
    const { usages, rejections, probes } = interpretation;
    const { name } = credentials;
    if (usages.length === 0) {
      const answer = withImport(outcomeOf(offered, rejections, 0), rejections);
      return withRefusals(withProbes(answer, probes, credentials), refusalsOf(interpretation, signal));
    }
    const entries = await entriesOf(usages, credentials);
    const outcome = await append(entries, { receivedMs: interpretation.arrivalMs, sender: name });
    const refusals = [...refusalsOf(interpretation, signal, outcome, name), ...overruled(usages, credentials)];
    const answer = withImport(outcomeOf(offered, rejections, outcome.expired), rejections, entries, outcome);
    return withRefusals(withProbes(answer, probes, credentials), refusals);
  };

  /** Those of anybody else are accepted and of no use. */
  const keepSpans = (received: Extract<Export, { signal: 'traces' }>, credentials: Credentials): Promise<IngestOutcome> =>
    credentials.sends === 'api_spans' && apiSpans !== undefined
      ? apiSpans(received, credentials)
      : Promise.resolve({ accepted: received.spans, rejected: 0, message: '' });

  // No async function: its frame would keep the records until they are durable.
  return (received, credentials) => {
    if (received.signal === 'traces') return keepSpans(received, credentials);
    if (credentials.sends === 'api_spans') return Promise.resolve(refuseTelemetry(received));
    const offered = { signal: received.signal, offered: recordsIn(received.scopes) };
    return inTurns(interpret(received, now())).then((interpretation) => book(interpretation, offered, credentials));
  };
}

const recordsIn = (scopes: readonly { readonly records: readonly unknown[] }[]): number =>
  scopes.reduce((count, { records }) => count + records.length, 0);

/** A token that stands in a provider's settings must not book anything. */
function refuseTelemetry({ signal, scopes }: Exclude<Export, { signal: 'traces' }>): IngestOutcome {
  const rejected = recordsIn(scopes);
  const message = `This token sends spans of the API alone: nothing of these ${signal} was booked. Use another token of auth.tokens, without "sends: api_spans".`;
  return { accepted: 0, rejected, message, refusals: [{ kind: 'rejected', detail: 'wrong_token', count: rejected }] };
}

interface Offered {
  readonly signal: Export['signal'];
  /** Records. */
  readonly offered: number;
}

const NOTHING: AppendOutcome = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };

/** What two parts of an export came to. */
function added(one: AppendOutcome, other: AppendOutcome): AppendOutcome {
  const heldBack = (one.heldBack ?? 0) + (other.heldBack ?? 0);
  return {
    appended: one.appended + other.appended,
    duplicates: one.duplicates + other.duplicates,
    conflicts: one.conflicts + other.conflicts,
    expired: one.expired + other.expired,
    ...(heldBack > 0 && { heldBack }),
    ...((one.standIns ?? other.standIns) && { standIns: addedStandIns(one.standIns, other.standIns) }),
    ...((one.grouped ?? other.grouped) && { grouped: addedByName(one.grouped, other.grouped) }),
  };
}

const NO_STAND_INS: StandInOutcome = { covered: 0, coveredCost: 0n, booked: 0, bookedCost: 0n };

function addedStandIns(one = NO_STAND_INS, other = NO_STAND_INS): StandInOutcome {
  return {
    covered: one.covered + other.covered,
    coveredCost: one.coveredCost + other.coveredCost,
    booked: one.booked + other.booked,
    bookedCost: one.bookedCost + other.bookedCost,
  };
}

function addedByName(one: AppendOutcome['grouped'] = {}, other: AppendOutcome['grouped'] = {}): AppendOutcome['grouped'] {
  const sums = { ...one };
  for (const name of DIMENSION_NAMES) {
    const count = other[name];
    if (count !== undefined) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function outcomeOf(offered: number, rejections: readonly Rejection[], expired: number): IngestOutcome {
  const rejected = rejections.length + expired;
  return { accepted: offered - rejected, rejected, message: rejected === 0 ? '' : explain(rejections, expired) };
}

/** What the sender of a probe wants to know: who it is here. Not the user, whom a ledger may know under a pseudonym alone. */
function withProbes(outcome: IngestOutcome, probes: readonly string[], { name, organization, team, workspace }: Credentials): IngestOutcome {
  if (probes.length === 0) return outcome;
  const owner = Object.entries({ organization, team, workspace }).flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]));
  const who = name === undefined ? 'without a token' : `with the credentials "${name}"${owner.length === 0 ? '' : ` (${owner.join(', ')})`}`;
  return { ...outcome, message: [...probes.map((id) => `Probe ${id} arrived ${who}.`), outcome.message].join(' ').trim() };
}

const withRefusals = (outcome: IngestOutcome, refusals: readonly Refusal[]): IngestOutcome =>
  refusals.length === 0 ? outcome : { ...outcome, refusals };

function explain(rejections: readonly Rejection[], expired: number): string {
  const counts = new Map<string, number>();
  for (const { message } of rejections) counts.set(message, (counts.get(message) ?? 0) + 1);
  if (expired > 0) counts.set('Older than the entries that are kept (retention.entries_days), so a repeat could not be recognized.', expired);
  const shown = [...counts].slice(0, REASONS_SHOWN).map(([message, count]) => (count === 1 ? message : `${message} (${count} records)`));
  const hidden = counts.size - shown.length;
  return hidden > 0 ? `${shown.join(' ')} And ${hidden} more reasons.` : shown.join(' ');
}
