/**
 * Requests as the API itself counted them, from its own spans (ingest/api-spans/): a second opinion on what clients report. They are kept
 * beside the entries and book nothing: the same money is in the entries already where its client reported it.
 */
import type { PicoUsd } from '../core/money.ts';

/** The same tokens as those of an api_request event: the classes exclude each other. */
export interface ApiTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation5m: number;
  readonly cacheCreation1h: number;
}

export interface ApiRequest {
  /** requestIdKey of its id (stand-ins.ts), as entries have it. */
  readonly request: string;
  readonly timeMs: number;
  readonly organization: string;
  /** Of the API, by its id; '' for the default one. */
  readonly workspace: string;
  readonly model: string;
  readonly tokens: ApiTokens;
  /** At list price; undefined for a model without one. */
  readonly listCost: PicoUsd | undefined;
}

export interface ApiRequestsOutcome {
  readonly appended: number;
  /** Delivered again, or counted by two spans. */
  readonly duplicates: number;
}

export interface ApiRequestsQuery {
  /** Inclusive; whole UTC days, as the provider bills. */
  readonly fromMs: number;
  /** Exclusive; the same. */
  readonly toMs: number;
}

/** Of one UTC day, organization, workspace and model of the API. */
export interface ApiRequestSum {
  readonly dayMs: number;
  readonly organization: string;
  readonly workspace: string;
  readonly model: string;
  /** Has the ledger an event, or a stand-in, of the same request? */
  readonly isReported: boolean;
  readonly requests: number;
  readonly tokens: ApiTokens;
  readonly listCost: PicoUsd;
  /** Of these requests, those of models without a list price: not in listCost. */
  readonly unpricedRequests: number;
  /** Of reported ones: as their clients report them. */
  readonly reportedCost: PicoUsd;
}

/** Of one UTC day: requests with an id that clients reported and no span is about. */
export interface UncountedRequests {
  readonly dayMs: number;
  readonly requests: number;
  readonly reportedCost: PicoUsd;
}

export interface ApiRequestsAnswer {
  readonly sums: readonly ApiRequestSum[];
  /** Days that have spans. */
  readonly uncounted: readonly UncountedRequests[];
}
