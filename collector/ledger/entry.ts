/** What goes into the ledger: entries, in batches. */
import type { DimensionName, Dimensions, MeasureName } from '../catalog/measures.ts';
import type { Source } from '../catalog/sources.ts';
import type { PicoUsd } from '../core/money.ts';

export type Amounts = Partial<Record<MeasureName, number>>;

export interface Entry {
  /** session.id, or a pool (pools.ts) such as "no-session:<user>:<day>" where it is left out. */
  readonly sessionId: string;
  /** What makes a repeated delivery recognizable, unique within the session: 16 characters. */
  readonly identity: string;
  readonly timeMs: number;
  /** Which account of the same usage it belongs to. */
  readonly source: Source;
  /** Cost as the client reports it; 0n when it reports none. */
  readonly cost: PicoUsd;
  /** The usage has a cost that its record does not report: list price is an estimate of it. */
  readonly isCostMissing?: true;
  /** The sender gave no believable time: timeMs is when it arrived. */
  readonly isTimeUncertain?: true;
  /** Dated outside the window: timeMs is when it arrived, and it books nothing but cost_set_aside. Its identity is that of set-aside.ts. */
  readonly isSetAside?: true;
  /** An import has it from elsewhere: it counts as long as its session has no event of the same request. */
  readonly isStandIn?: true;
  /** A correction, or history of another source: cost, list cost and amounts may be negative, and are booked as they are, beside all sources. */
  readonly isAdjustment?: true;
  /** Digest of the request that it is about, 16 characters: the same for an event and its stand-in. Omitted where it is about none. */
  readonly request?: string | undefined;
  /** Cost at list price; 0n when the entry carries no tokens of its own to price. */
  readonly listCost: PicoUsd;
  /** All other amounts: integers below 2^53 in the unit of their measure; pico-dollars for money. */
  readonly amounts: Amounts;
  readonly dimensions: Dimensions;
  /** Where the interval begins that a data point covers; omitted where it is not known, and for events. */
  readonly startMs?: number | undefined;
  /** Set for a point of a cumulative series: amounts then are the series' running value since startMs. */
  readonly cumulative?: { readonly series: string; readonly startMs: number };
  /** Digests of what it says about whose it is, none when it does not say; see pools.ts. Omitted: it is joined with nothing. */
  readonly keys?: readonly string[];
  /** The client's own number of an event: each process counts from 0. See sequence-gaps.ts. */
  readonly sequence?: number;
  /** So many more times its export has the same entry: counted as if each had come, and not carried. */
  readonly repeats?: number;
}

/** An export, or a part of a large one: appended whole or not at all. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly receivedMs: number;
  /** Name of the token that it came with; omitted where there was none. */
  readonly sender?: string | undefined;
}

/** What became of stand-ins that were appended. Costs as reported, else at list price, in pico-dollars. */
export interface StandInOutcome {
  /** Their events are there. */
  readonly covered: number;
  readonly coveredCost: PicoUsd;
  /** The others: they count where no metric reports the cost of the same time. */
  readonly booked: number;
  readonly bookedCost: PicoUsd;
}

export interface AppendOutcome {
  readonly appended: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Entries older than the retention horizon: they could not be recognized as duplicates any more. */
  readonly expired: number;
  /** Of `appended`: entries that came so late into so long a session that their cost is held back. Omitted where there are none. */
  readonly heldBack?: number;
  /** Omitted where there were none. */
  readonly standIns?: StandInOutcome;
  /** New values that became "(other)", by dimension. Omitted where there are none. */
  readonly grouped?: Readonly<Partial<Record<DimensionName, number>>> | undefined;
}
