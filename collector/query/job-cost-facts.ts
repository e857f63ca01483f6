/** What is known of a branch, a pull request or a run of CI: its records, what others like it cost, and the budget of its jobs. */

import { noSuchBudget } from '../budgets/change.ts';
import { evaluateBudgets } from '../budgets/evaluate.ts';
import { type Budget, nameOf } from '../budgets/journal.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { linkBases } from '../catalog/alert-links.ts';
import type { DimensionName, MeasureName } from '../catalog/measures.ts';
import { type Filter, OTHER } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import type { PicoUsd } from '../core/money.ts';
import { periodAround } from '../core/time-range.ts';
import type { LedgerSnapshot, Row } from '../ledger/ledger.ts';
import type { Asking } from './question.ts';
import { wholeLedger } from './scoped-reader.ts';
import { addTo, largestFirst, totalsBy } from './totals.ts';
import { USAGE_MEASURES } from './usage-figures.ts';
import { areWithin, visibleBudgets } from './visible-budgets.ts';

const MEASURES: readonly MeasureName[] = [...USAGE_MEASURES, 'sessions'];
const COST = MEASURES.indexOf('cost');
const DAYS = 90;
/** More than a repository has jobs, and than the ledger keeps runs apart. */
const ROWS_MAX = 200_000;
const LINKED_JOBS_MAX = 5;

/** What can be asked about. */
export const SUBJECTS = ['branch', 'pull_request', 'run'] as const satisfies readonly DimensionName[];

export interface JobCostRequest {
  /** As jobs have it: "acme/api". */
  readonly repository: string;
  readonly about: (typeof SUBJECTS)[number];
  readonly value: string;
  readonly base: string;
  readonly budget: string | undefined;
}

export interface JobCostFacts {
  /** Sums of MEASURES; undefined while there is no record. */
  readonly seen: readonly bigint[] | undefined;
  /** Stored values with the same sums, the largest cost first. */
  readonly models: readonly (readonly [string, readonly bigint[]])[];
  readonly jobs: readonly (readonly [string, readonly bigint[]])[];
  readonly past: { readonly of: 'runs' | 'branches' | 'pull_requests'; readonly count: number; readonly median: PicoUsd } | undefined;
  readonly budget: BudgetStatus | undefined;
  readonly board: string | undefined;
  readonly asOfMs: number | undefined;
}

/** Throws `forbidden` where a token that only sends asks about another repository than its job's, and `not_found` for an unknown budget. */
export async function readJobCost(request: JobCostRequest, asking: Asking): Promise<JobCostFacts> {
  const { mayRead } = asking.asker;
  if (!mayRead) assertOwn(request, asking);
  const calendar = ledgerCalendar(asking.config);
  const isOf = belongsTo(request.repository);
  const reader = mayRead ? asking.reader : wholeLedger(asking.reader);
  const rows = await rowsOf(reader, request, { isOf, calendar, nowMs: asking.now() });
  const sums = (index: number) =>
    [...totalsBy(rows.own, (key) => key[index] ?? '')].sort(([, a], [, b]) => largestFirst(a[COST] ?? 0n, b[COST] ?? 0n));
  const jobs = sums(BY.indexOf('job'));
  const names = jobs.map(([job]) => job);
  return {
    seen: rows.own.length === 0 ? undefined : totalOf(rows.own),
    models: sums(BY.indexOf('model')),
    jobs,
    past: pastOf(request, rows.past),
    budget: await budgetOf(request, names, asking),
    board: boardOf(names, asking),
    asOfMs: rows.asOfMs,
  };
}

function assertOwn({ repository }: JobCostRequest, { asker: { credentials } }: Asking): void {
  const { job = '', name = '' } = credentials;
  if (belongsTo(repository)(job)) return;
  const what = job === '' ? 'names no job, and sends only' : `may only ask about the repository of ${job}`;
  throw new LedgerlineError('forbidden', `The token "${name}" ${what}.`, {
    hint: 'Use a token with the role read, or one of a job of this repository.',
  });
}

type IsOf = (job: string) => boolean;

/** CI and git differ in capitals. */
function belongsTo(repository: string): IsOf {
  const wanted = repository.toLowerCase();
  return (job) => job.slice(job.indexOf(':') + 1, Math.max(0, job.lastIndexOf('/'))).toLowerCase() === wanted;
}

const BY = ['job', 'model'] as const satisfies readonly DimensionName[];

interface Reading {
  readonly isOf: IsOf;
  readonly calendar: CalendarOptions;
  readonly nowMs: number;
}

interface Rows {
  /** By BY. */
  readonly own: readonly Row[];
  /** Costs of others like it, by job and what it is. */
  readonly past: readonly Row[];
  readonly asOfMs: number | undefined;
}

async function rowsOf(ledger: LedgerSnapshot, { about, value, base }: JobCostRequest, { isOf, calendar, nowMs }: Reading): Promise<Rows> {
  const { fromMs } = periodAround('day', nowMs, calendar, 1 - DAYS);
  const common = { fromMs, grain: 'total', timeZone: calendar.timeZone, rowsMax: ROWS_MAX, beyond: 'other' } as const;
  const isOwn = ({ key: [job = ''], groups }: Row): boolean => groups === undefined && isOf(job);
  const where: Filter[] = [{ dimension: about, values: [value] }];
  const { rows, asOfMs } = await ledger.query({ ...common, measures: MEASURES, by: BY, where });
  const own = rows.filter(isOwn);
  if (own.length === 0) return { own, past: [], asOfMs };
  const jobs: Filter = { dimension: 'job', values: [...new Set(own.map(({ key: [job = ''] }) => job))] };
  const onBase: Filter[] = about === 'run' ? [{ dimension: 'branch', values: [base] }] : [];
  const none: Filter = { dimension: about, values: ['', OTHER, value, ...(about === 'branch' ? [base] : [])] };
  const by = ['job', about] as const;
  const past = await ledger.query({ ...common, measures: ['cost'], by, where: [jobs, ...onBase], whereNot: [none] });
  return { own, past: past.rows.filter(isOwn), asOfMs };
}

function totalOf(rows: readonly Row[]): readonly bigint[] {
  const sums = MEASURES.map(() => 0n);
  for (const { values } of rows) addTo(sums, values);
  return sums;
}

const PLURAL = { run: 'runs', branch: 'branches', pull_request: 'pull_requests' } as const;

function pastOf({ about }: JobCostRequest, rows: readonly Row[]): JobCostFacts['past'] {
  const costs = [...totalsBy(rows, (key) => key[1] ?? '')].map(([, [cost = 0n]]) => cost).sort((a, b) => largestFirst(b, a));
  const [low, high] = [costs[(costs.length - 1) >> 1], costs[costs.length >> 1]];
  return low === undefined || high === undefined ? undefined : { of: PLURAL[about], count: costs.length, median: (low + high) / 2n };
}

/** Budgets of these jobs alone: a month's budget of a whole team says little about one of its runs. */
async function budgetOf({ budget: key, repository }: JobCostRequest, jobs: readonly string[], asking: Asking): Promise<BudgetStatus | undefined> {
  const { reader, scope, asker, config, budgets: journal, now } = asking;
  const all = await journal.budgets(config.budgets);
  const isOf = belongsTo(repository);
  const jobsIn = ({ where }: Pick<BudgetStatus, 'where'>): readonly string[] => where.find(({ dimension }) => dimension === 'job')?.values ?? [];
  const isSeen = (status: BudgetStatus): boolean =>
    asker.mayRead ? areWithin(status.where, scope) : jobsIn(status).length > 0 && jobsIn(status).every((job) => isOf(job));
  const seen = asker.mayRead ? visibleBudgets(all, scope) : all.filter(isOfJobs);
  const wanted = key === undefined ? seen.filter(isOfJobs) : seen.filter(({ name }) => name === nameOf(key));
  const context = { reader: wholeLedger(reader), calendar: ledgerCalendar(config), nowMs: now() };
  const statuses = (wanted.length === 0 ? [] : await evaluateBudgets(wanted, context)).filter(isSeen);
  if (key === undefined) {
    const theirs = statuses.filter((status) => status.active && jobsIn(status).some((job) => jobs.includes(job)));
    return theirs.sort((a, b) => b.usedRatio - a.usedRatio)[0];
  }
  const found = statuses.find((status) => status.key === key);
  // Names of others are none of a job's business.
  if (found === undefined) throw noSuchBudget(key, asker.mayRead ? seen : []);
  return found;
}

const isOfJobs = ({ scope, per }: Budget): boolean => per === 'job' || scope.job !== undefined;

function boardOf(jobs: readonly string[], { config }: Asking): string | undefined {
  const { publicUrl } = linkBases(config);
  if (publicUrl === '' || jobs.length === 0) return undefined;
  const query = new URLSearchParams(jobs.slice(0, LINKED_JOBS_MAX).map((job) => ['where', `job:${job}`]));
  return `${publicUrl}/?${query}`;
}
