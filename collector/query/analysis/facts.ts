/** What an analysis is made of, read from one snapshot of the ledger in a few questions that its coarse roll-ups answer. */
import { forecastAll } from '../../budgets/evaluate.ts';
import type { Forecast } from '../../budgets/status.ts';
import { measuresOf, type Sum } from '../../catalog/figure-values.ts';
import type { DimensionName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { periodAround } from '../../core/time-range.ts';
import { coverageStart } from '../../ledger/coverage-start.ts';
import type { LedgerSnapshot, Query, Row } from '../../ledger/ledger.ts';
import { isSessionFilter, type SessionSummary } from '../../ledger/sessions.ts';
import type { ComparedRange, Range } from '../compared-range.ts';
import { TOKEN_MEASURES } from '../token-prices.ts';
import { addTo, sumIn, totalsBy } from '../totals.ts';
import { readUserDays, type UserDays } from './developer-days.ts';
import { WEEKS } from './unusual-days.ts';

export interface FactsRequest extends ComparedRange {
  readonly calendar: CalendarOptions;
  readonly where: readonly Filter[];
  readonly nowMs: number;
  /** So many of the most expensive sessions. */
  readonly sessions: number;
}

/** Of one period. Values as stored. */
export interface PeriodFacts {
  readonly sum: Sum;
  readonly byTeam: ReadonlyMap<string, bigint>;
  readonly byWorkspace: ReadonlyMap<string, bigint>;
  readonly byUser: ReadonlyMap<string, bigint>;
  readonly byModel: ReadonlyMap<string, Sum>;
}

export interface Facts {
  readonly now: PeriodFacts;
  /** Up to the same time; undefined where nothing of the period has passed, or the ledger does not cover it. */
  readonly before: PeriodFacts | undefined;
  /** When the ledger begins: the start of the period before, or later. */
  readonly coveredFromMs: number;
  /** Cost of the whole period before. */
  readonly wholeBefore: bigint;
  readonly userDays: UserDays;
  /** Cost of jobs of CI, which have no user. */
  readonly ofJobs: bigint;
  /** Cost by day, of the range and of the weeks before it that its days are compared with. */
  readonly days: ReadonlyMap<number, bigint>;
  /** The most expensive last seen in the range; undefined where the filters name what a session has several of. */
  readonly sessions: readonly SessionSummary[] | undefined;
  readonly forecast: Forecast | undefined;
  readonly asOfMs: number | undefined;
}

const MEASURES = measuresOf([
  ...(['cost', 'requests', 'tokens', 'cache_hit_ratio', 'cache_savings', 'unpriced_tokens'] as const),
  ...(['cost_estimated', 'cost_unreconciled', 'cost_set_aside'] as const),
  ...TOKEN_MEASURES,
]);
const PLACES = ['team', 'workspace', 'model'] as const satisfies readonly DimensionName[];
/** More than the ledger keeps apart. */
const ROWS_MAX = 10_000_000;

export async function readFacts(ledger: LedgerSnapshot, request: FactsRequest): Promise<Facts> {
  const { range, before, beforeToDate, isRunning, calendar, where } = request;
  const ask = (query: Pick<Query, 'measures' | 'by'> & Partial<Query>, { fromMs, toMs }: Range) =>
    ledger.query({ grain: 'total', timeZone: calendar.timeZone, where, rowsMax: ROWS_MAX, ...query, fromMs, toMs });
  const places = (during: Range) => ask({ measures: MEASURES, by: PLACES }, during);
  const users = async (during: Range) => (await ask({ measures: ['cost'], by: ['user'] }, during)).rows;

  const current = await places(range);
  const userDays = await readUserDays(users, range, calendar);
  const [ofJobs = 0n] = (await ask({ measures: ['cost'], by: [], whereNot: [{ dimension: 'job', values: [''] }] }, range)).totals;
  const now = periodFacts(current.rows, userDays.byUser);
  const history = { fromMs: periodAround('day', range.fromMs, calendar, -7 * WEEKS).fromMs, toMs: range.toMs };
  const days = (await ask({ measures: ['cost'], by: [], grain: 'day' }, history)).rows;
  const coveredFromMs = await coverageStart(ledger, { fromMs: before.fromMs, toMs: range.toMs }, calendar.timeZone);
  const isComparable = beforeToDate !== undefined && coveredFromMs === before.fromMs;
  const past = isComparable ? periodFacts((await places(beforeToDate)).rows, costBy(await users(beforeToDate), 0)) : undefined;
  const whole = isRunning || past === undefined ? (await ask({ measures: ['cost'], by: [] }, before)).totals[0] : past.sum('cost');
  return {
    ...{ now, before: past, coveredFromMs, userDays, ofJobs, asOfMs: current.asOfMs },
    wholeBefore: whole ?? 0n,
    days: new Map(days.map(({ startMs = 0, values: [cost = 0n] }) => [startMs, cost])),
    sessions: await topSessions(ledger, request),
    forecast: await forecastOf(ledger, request, now.sum('cost')),
  };
}

function periodFacts(places: readonly Row[], byUser: PeriodFacts['byUser']): PeriodFacts {
  const totals = MEASURES.map(() => 0n);
  for (const { values } of places) addTo(totals, values);
  const models = totalsBy(places, (key) => key[PLACES.indexOf('model')] ?? '');
  return {
    sum: sumIn(MEASURES, totals),
    byTeam: costBy(places, PLACES.indexOf('team')),
    byWorkspace: costBy(places, PLACES.indexOf('workspace')),
    byModel: new Map([...models].map(([model, values]) => [model, sumIn(MEASURES, values)])),
    byUser,
  };
}

/** The first measure by one part of the key. */
const costBy = (rows: readonly Row[], index: number): Map<string, bigint> =>
  new Map([...totalsBy(rows, (key) => key[index] ?? '')].map(([value, [cost = 0n]]) => [value, cost]));

async function topSessions(ledger: LedgerSnapshot, { range, where, sessions }: FactsRequest): Promise<Facts['sessions']> {
  const filters = where.filter(isSessionFilter);
  return filters.length === where.length ? ledger.sessions({ ...range, limit: sessions, order: 'cost', where: filters }) : undefined;
}

async function forecastOf(
  ledger: LedgerSnapshot,
  { range, isRunning, calendar, where, nowMs }: FactsRequest,
  spent: bigint,
): Promise<Facts['forecast']> {
  if (!isRunning || nowMs < range.fromMs) return undefined;
  const [forecast] = await forecastAll([{ where, measures: ['cost'], calendar, toMs: range.toMs, spent }], { reader: ledger, calendar, nowMs });
  return forecast;
}
