/** Reads what findings are made of: few queries, each over a roll-up that answers it cheaply, and the courses of the largest sessions. */
import type { Filter } from '../../catalog/values.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { periodStart, type TimeRange } from '../../core/time-range.ts';
import type { LedgerSnapshot, Query, Row } from '../../ledger/ledger.ts';
import type { PriceBook } from '../../pricing/price-book.ts';
import { type LargestSessions, largestSessions } from '../largest-sessions.ts';
import { type Course, readCourses } from './courses.ts';
import { SLICE_DIMENSIONS, SLICE_MEASURES, type Slice, sliceOf } from './slice.ts';

/** One whole day before, by model. */
export interface Day {
  readonly startMs: number;
  readonly all: Slice;
  /** By model, as stored. */
  readonly models: ReadonlyMap<string, Slice>;
}

/** What a user cost, in one team. Values as stored. */
export interface UserCost {
  readonly user: string;
  readonly team: string;
  readonly cost: bigint;
}

export interface Facts {
  /** What is to be explained. */
  readonly now: Slice;
  /** The days before, together. */
  readonly before: Slice;
  /** Those days, from the first on that has any record of what is asked about. */
  readonly days: readonly Day[];
  /** What is asked about lasts so many days; undefined for a session, which is held against sessions. */
  readonly length: number | undefined;
  /** Rows of the largest users; what is beyond them is one with the user "(other)". */
  readonly users: readonly UserCost[];
  readonly usersBefore: readonly UserCost[];
  /** Cost of jobs of CI, which have no user, by team. */
  readonly ofJobs: ReadonlyMap<string, bigint>;
  readonly sessions: LargestSessions;
  readonly courses: readonly Course[];
  /** False where a session was too long to be read, or records were removed because of their age: then something may be missing. */
  readonly isComplete: boolean;
  readonly prices: PriceBook;
  readonly timeZone: string;
  readonly atMs: number;
  readonly asOfMs: number | undefined;
}

export interface FactsRequest {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly where: readonly Filter[];
  /** In which days are cut. */
  readonly calendar: CalendarOptions;
  /** A total is the same in any zone, and cheap in that of the ledger. */
  readonly ledgerZone: string;
  readonly prices: PriceBook;
  readonly nowMs: number;
  readonly rowsMax: number;
}

const DAYS_BEFORE = 14;
const SESSIONS_LOOKED_AT = 25;
const USERS_MAX = 200;

export async function readFacts(ledger: LedgerSnapshot, request: FactsRequest): Promise<Facts> {
  const { fromMs, toMs, where, calendar, ledgerZone, prices, nowMs, rowsMax } = request;
  const range = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) };
  const common = { grain: 'total', timeZone: ledgerZone, where, rowsMax } as const;
  const read = await ledger.query({ ...common, ...range, measures: SLICE_MEASURES, by: SLICE_DIMENSIONS, beyond: 'other' });
  const sessions = await largestSessions(ledger, { ...range, where, limit: SESSIONS_LOOKED_AT });
  const past = fromMs === undefined ? undefined : daysBefore(fromMs, calendar);
  return {
    now: sliceOf(SLICE_DIMENSIONS, read.rows),
    ...(await readBefore(ledger, past, { timeZone: calendar.timeZone, common })),
    length: fromMs === undefined ? 1 : Math.max(1 / 96, (Math.min(toMs ?? nowMs, nowMs) - fromMs) / DAY_MS),
    users: await readUsers(ledger, { ...common, ...range }),
    usersBefore: past === undefined ? [] : await readUsers(ledger, { ...common, ...past }),
    ofJobs: await readJobs(ledger, { ...common, ...range }),
    sessions,
    isComplete: sessions.isExact,
    courses: await readCourses(ledger, sessions.sessions, { ...range, where }),
    ...{ prices, timeZone: calendar.timeZone, atMs: Math.min(toMs ?? nowMs, nowMs), asOfMs: read.asOfMs },
  };
}

/** The whole days before the one in which it begins. */
export function daysBefore(fromMs: number, calendar: CalendarOptions): Required<TimeRange> {
  const toMs = periodStart('day', fromMs, calendar);
  const start = Temporal.Instant.fromEpochMilliseconds(toMs).toZonedDateTimeISO(calendar.timeZone).subtract({ days: DAYS_BEFORE }).startOfDay();
  return { fromMs: start.epochMilliseconds, toMs };
}

type Common = Omit<Query, 'by' | 'fromMs' | 'toMs' | 'measures'>;

/** `common` is of grain total, in the ledger's own zone; `timeZone` is that of the days. */
export async function readBefore(
  ledger: LedgerSnapshot,
  past: Required<TimeRange> | undefined,
  { timeZone, common }: { readonly timeZone: string; readonly common: Common },
): Promise<Pick<Facts, 'before' | 'days'>> {
  if (past === undefined) return { before: sliceOf([], []), days: [] };
  const measures = SLICE_MEASURES;
  const before = await ledger.query({ ...common, ...past, measures, by: SLICE_DIMENSIONS, beyond: 'other' });
  const byDay = await ledger.query({ ...common, ...past, measures, by: ['model'], grain: 'day', timeZone });
  const earlier = await ledger.query({ ...common, measures: ['cost', 'requests', 'sessions'], by: [], toMs: past.fromMs });
  const isOlder = earlier.totals.some((total) => total !== 0n);
  const first = isOlder ? past.fromMs : Math.min(...byDay.rows.flatMap(({ startMs }) => startMs ?? []));
  return { before: sliceOf(SLICE_DIMENSIONS, before.rows), days: Number.isFinite(first) ? daysOf(byDay.rows, first, past, timeZone) : [] };
}

/** Every day, also those without any record. */
function daysOf(rows: readonly Row[], firstMs: number, { toMs }: Required<TimeRange>, timeZone: string): Day[] {
  const byStart = Map.groupBy(rows, ({ startMs }) => startMs);
  const days: Day[] = [];
  for (
    let day = Temporal.Instant.fromEpochMilliseconds(firstMs).toZonedDateTimeISO(timeZone);
    day.epochMilliseconds < toMs;
    day = day.add({ days: 1 }).startOfDay()
  ) {
    const startMs = day.epochMilliseconds;
    const own = byStart.get(startMs) ?? [];
    const models = Map.groupBy(own, ({ key }) => key[0] ?? '');
    days.push({ startMs, all: sliceOf(['model'], own), models: new Map([...models].map(([model, its]) => [model, sliceOf(['model'], its)])) });
  }
  return days;
}

async function readJobs(ledger: LedgerSnapshot, query: Omit<Query, 'by' | 'measures'>): Promise<ReadonlyMap<string, bigint>> {
  const whereNot: Query['whereNot'] = [{ dimension: 'job', values: [''] }];
  const { rows } = await ledger.query({ ...query, whereNot, measures: ['cost'], by: ['team'], rowsMax: USERS_MAX, beyond: 'other' });
  return new Map(rows.map(({ key: [team = ''], values: [cost = 0n] }) => [team, cost]));
}

async function readUsers(ledger: LedgerSnapshot, query: Omit<Query, 'by' | 'measures'>): Promise<UserCost[]> {
  const { rows } = await ledger.query({ ...query, measures: ['cost'], by: ['user', 'team'], rowsMax: USERS_MAX, beyond: 'other' });
  return rows.map(({ key: [user = '', team = ''], values: [cost = 0n] }) => ({ user, team, cost }));
}
