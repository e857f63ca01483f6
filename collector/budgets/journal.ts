/**
 * What is known about budgets beyond the configuration: those set by API or command, temporary raises, and who changed what. It is
 * kept as entries that never change; the budgets in force are what follows from them. The stores are the files budget-store.ts in storage/.
 */

import { normalizeUser } from '../catalog/values.ts';
import type { BudgetConfig } from '../config/budgets.ts';
import type { BudgetRequest, NewRequest, RequestNews, RequestsAsked } from './request.ts';
import type { BudgetUnit } from './status.ts';

/** More money (or tokens) for a while. Amounts are pico-dollars, or tokens for a budget of tokens. */
export interface Raise {
  readonly id: number;
  /** Key of the status it raises: a budget's name, or "name/member". Under the name of a budget per member it raises every member. */
  readonly key: string;
  readonly amount: bigint;
  /** What the amount is measured in. Undefined for raises of before this was kept: then that of the budget. */
  readonly unit?: BudgetUnit;
  /** Epoch milliseconds; the start belongs to it, the end does not. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly why: string;
  readonly who: string;
  readonly atMs: number;
  /** The request that was approved by it; undefined for a raise that nobody asked for. */
  readonly request?: number;
}

/** A budget as it is in force: from the configuration or set by API, with its raises. A plain BudgetConfig is one, too. */
export interface Budget extends BudgetConfig {
  /** Default: file. */
  readonly origin?: 'file' | 'api';
  /** Those in the unit of the budget. */
  readonly raises?: readonly Raise[];
  /** What it was before its changes, the oldest first: its amounts hold for the time before `untilMs`. */
  readonly earlier?: readonly EarlierBudget[];
}

export interface EarlierBudget {
  readonly untilMs: number;
  readonly budget: BudgetConfig;
}

export const unitOf = ({ tokens }: Pick<BudgetConfig, 'tokens'>): BudgetUnit => (tokens === undefined ? 'usd' : 'tokens');

/** Of a budget, the raises that are in its unit: an amount of dollars is no number of tokens. */
export const raisesIn = (unit: BudgetUnit, raises: readonly Raise[]): readonly Raise[] =>
  raises.filter((raise) => raise.unit === undefined || raise.unit === unit);

export type BudgetChange = 'budget_set' | 'budget_removed' | 'budget_raised' | RequestChange;
/** A request that is approved is a raise. */
export type RequestChange = 'budget_requested' | 'request_denied' | 'request_withdrawn';

/** Of a budget's definition; what else there is are raises and requests. */
export const isDefinition = (what: BudgetChange): boolean => what === 'budget_set' || what === 'budget_removed';

/** One entry of the audit. */
export interface AuditEntry {
  readonly id: number;
  readonly atMs: number;
  /**
   * Name of the token, "cli:<user of the system>", "local" for a request without a token from the same machine, or "link:<channel>" for who had
   * the signed link that was sent there; "link:guard" for one in a sentence of the guard.
   */
  readonly who: string;
  readonly what: BudgetChange;
  readonly name: string;
  /** What the budget was before, as in the configuration; undefined when there was none. For raises and requests: undefined. */
  readonly before: unknown;
  /** What it is now; undefined when it was removed. For a raise: the raise. For a request: what was asked, or why it was denied. */
  readonly after: unknown;
}

export interface BudgetJournal {
  /** Changes with every entry that changes a budget: the same number, the same budgets. */
  revision(): Promise<number>;
  /** Configured budgets first; those set by API after them, unless the configuration has the name. */
  budgets(configured: readonly BudgetConfig[]): Promise<readonly Budget[]>;
  audit(name?: string): Promise<readonly AuditEntry[]>;
  /** The newest first. */
  requests(asked: RequestsAsked): Promise<readonly BudgetRequest[]>;
  findRequest(id: number): Promise<BudgetRequest | undefined>;
  /** What has happened to requests after an entry, the oldest first; of a removal one for each of its requests. */
  requestNews(afterEntry: number): Promise<readonly RequestNews[]>;
  /** How many were made since then. */
  requestsSince(ms: number): Promise<number>;
}

export type NewRaise = Omit<Raise, 'id' | 'who' | 'atMs'>;

/** Who changes something, and when. */
export interface Change {
  readonly who: string;
  readonly atMs: number;
}

/** Writes an entry for every change, and nothing else. What may be changed is in change.ts. */
export interface BudgetWriter extends BudgetJournal {
  set(budget: BudgetConfig, change: Change): Promise<void>;
  remove(name: string, change: Change): Promise<void>;
  raise(raise: NewRaise, change: Change): Promise<Raise>;
  request(request: NewRequest, change: Change): Promise<BudgetRequest>;
  /** Of a request; `why` undefined where none is given. */
  end(request: BudgetRequest, what: Exclude<RequestChange, 'budget_requested'>, why: string | undefined, change: Change): Promise<void>;
  /**
   * What `run` reads and writes through the journal that it is handed holds together, whoever else writes; all of it is kept, or nothing. Others
   * wait until it is done: it waits for nothing but that journal, and never asks this one. It may be run more than once, so it changes nothing else.
   */
  atomically<Answer>(run: (journal: JournalWithin) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** A journal within atomically(), or one that others close. What is done atomically within is part of the whole. */
export type JournalWithin = Omit<BudgetWriter, 'close'>;

/** "name" of "name/member": a name has no slash. */
export const nameOf = (key: string): string => key.split('/', 1)[0] ?? key;

/** As people type it: an address is one member, whatever its case. Any other member is spelt as it is, also one with an @ in it. */
export function keyOf(typed: string, { per, members }: Pick<BudgetConfig, 'per' | 'members'>): string {
  const name = nameOf(typed);
  const isPerson = members !== undefined || per === 'user';
  return name === typed || !isPerson ? typed : `${name}/${normalizeUser(typed.slice(name.length + 1))}`;
}

/** A journal for those who have no store: the configuration is everything. */
export const emptyJournal: BudgetJournal = {
  revision: async () => 0,
  budgets: async (configured) => configured,
  audit: async () => [],
  requests: async () => [],
  findRequest: async () => undefined,
  requestNews: async () => [],
  requestsSince: async () => 0,
};

/** What raises a key at an instant: raises of the key itself, and for a member those of the whole budget per member. */
export const raisedBy = (raises: readonly Raise[], keys: readonly string[], atMs: number): bigint =>
  raises.reduce((sum, raise) => (keys.includes(raise.key) && raise.fromMs <= atMs && atMs < raise.untilMs ? sum + raise.amount : sum), 0n);

/** When the last of those raises that are over ended; undefined while none has. */
export function raiseEndedMs(raises: readonly Raise[], keys: readonly string[], atMs: number): number | undefined {
  const ends = raises.filter(({ key, untilMs }) => keys.includes(key) && untilMs <= atMs).map(({ untilMs }) => untilMs);
  return ends.length === 0 ? undefined : Math.max(...ends);
}
