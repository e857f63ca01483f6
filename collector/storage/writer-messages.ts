/** What the ledger's client and its writer thread say to each other. */
import type { CalendarOptions } from '../core/calendar.ts';
import type { Failure } from '../core/failure.ts';
import type { NoMethods } from '../core/rpc-channel.ts';
import type { Protocol } from '../core/worker-rpc.ts';
import type { ApiRequest, ApiRequestsOutcome } from '../ledger/api-requests.ts';
import type { ClosedMonth } from '../ledger/closed-months.ts';
import type { Removal } from '../ledger/engine.ts';
import type { AppendOutcome } from '../ledger/entry.ts';
import type { Erased, Erasure, Renamed, Renaming } from '../ledger/erasure.ts';
import type { NotedRepricing } from '../ledger/repricing-record.ts';
import type { RebookingLimits } from '../ledger/session-booking.ts';
import type { ValueLimits } from '../ledger/value-admission.ts';
import type { BatchMessage } from './batch-codec.ts';

export interface WriterOptions extends CalendarOptions {
  /** Omitted: as an empty configuration has it. */
  readonly limits?: (Partial<RebookingLimits> & Partial<ValueLimits>) | undefined;
}

/** Of the embedded ledger. */
export interface FileOptions extends WriterOptions {
  readonly file: string;
}

/** Exports are posts, since one answer is for many of them: those of one transaction. */
export interface WriterProtocol<Options = WriterOptions> extends Protocol {
  readonly options: Options;
  readonly ready: undefined;
  readonly worker: {
    /** One transaction of it; asked again until it is done, so that exports come in between. */
    prune(beforeMs: number): Removal;
    apiRequests(requests: readonly ApiRequest[]): ApiRequestsOutcome;
    closeMonth(month: string, nowMs: number): ClosedMonth;
    noteRepricing(repricing: NotedRepricing): number;
    clockLead(nowMs: number): number;
    erase(erasure: Erasure): Erased;
    rename(renaming: Renaming): Renamed;
    /** True when it is done. Asked again until then, so that exports come in between; the file is rewritten the first time. */
    wipe(isRewritten: boolean): boolean;
    /** Writes a trifle, to learn whether writing works again. */
    probe(): void;
  };
  readonly parent: NoMethods;
  readonly toWorker: BatchMessage;
  readonly toParent: Appended;
}

/** One transaction's answers: ids and outcomes at the same positions, and how long it took. */
export interface Appended {
  readonly ids: readonly number[];
  readonly outcomes: readonly (AppendOutcome | Failure)[];
  readonly durationMs: number;
}
