/** How much of what the provider counted telemetry has, by user and by workspace. */
import { coverageOf } from '../../catalog/coverage.ts';
import type { MeasureName } from '../../catalog/measures.ts';
import type { LedgerSnapshot } from '../../ledger/ledger.ts';
import type { Range } from '../compared-range.ts';
import { byName, largestFirst, shareOf, sumIn, totalsBy } from '../totals.ts';
import { type Cell, metricsAlone, ownOf, sumOfClasses } from './cell.ts';
import type { UserRecord } from './read-records.ts';

/** Money in pico-dollars: list cost, and what metrics alone report. Undefined: the records do not say. */
export interface Completeness {
  /** Stored; of a user nobody knows, the API key. */
  readonly name: string;
  readonly isKey: boolean;
  readonly cost: bigint;
  readonly tokens: bigint;
  readonly recordedCost: bigint | undefined;
  readonly recordedTokens: bigint | undefined;
  readonly costRatio: number | null;
  readonly tokenRatio: number | null;
  /** Of numbered events: received, and missing between them. */
  readonly events: number;
  readonly missing: number;
  /** The provider counted something, and telemetry has nothing. */
  readonly isSilent: boolean;
}

export interface UserTelemetry {
  readonly user: string;
  readonly cost: bigint;
  readonly tokens: bigint;
  readonly events: number;
  readonly missing: number;
}

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const satisfies readonly MeasureName[];
const MEASURES = ['cost', 'cost_events', 'cost_estimated', 'cost_list', ...TOKENS] as const;
const ROWS_MAX = 300_000;

interface TelemetryAsked {
  readonly range: Range;
  /** The parts of it that records are about. */
  readonly recorded: readonly Range[];
  /** What plans cover is left out, for no record has it. No coarse roll-up has users and plans together, so it is asked only where there are any. */
  readonly hasPlans: boolean;
}

/** `recorded`: on the days that records are about, so that both ends of a ratio are about the same days. */
export async function readUserTelemetry(ledger: LedgerSnapshot, { range, recorded, hasPlans }: TelemetryAsked) {
  const gaps = Map.groupBy(await ledger.gaps(range.fromMs), ({ user }) => user);
  const read = async (ranges: readonly Range[]): Promise<readonly UserTelemetry[]> => {
    const rows: Awaited<ReturnType<typeof readRows>>[number][] = [];
    for (const one of ranges) rows.push(...(await readRows(ledger, one, hasPlans)));
    return [...totalsBy(rows, ([user = '']) => user)].map(([user, values]) => telemetryOf(user, values, gaps.get(user) ?? []));
  };
  const whole = await read([range]);
  const isWhole = recorded.length === 1 && recorded[0]?.fromMs === range.fromMs && recorded[0].toMs === range.toMs;
  return { whole, recorded: isWhole ? whole : await read(recorded) };
}

async function readRows(ledger: LedgerSnapshot, range: Range, hasPlans: boolean) {
  const by = hasPlans ? (['user', 'plan', 'seat'] as const) : (['user'] as const);
  const asked = { measures: MEASURES, by, ...range, grain: 'total' as const, timeZone: 'UTC', where: [], rowsMax: ROWS_MAX };
  const { rows } = await ledger.query(asked);
  return rows.filter(({ key: [, plan = '', seat = ''] }) => coverageOf({ plan, seat }) !== 'covered');
}

function telemetryOf(user: string, values: readonly bigint[], gaps: Awaited<ReturnType<LedgerSnapshot['gaps']>>): UserTelemetry {
  const sum = sumIn(MEASURES, values);
  return {
    user,
    cost: sum('cost_list') + sum('cost') - sum('cost_events') - sum('cost_estimated'),
    tokens: TOKENS.reduce((all, measure) => all + sum(measure), 0n),
    events: gaps.reduce((all, { events }) => all + events, 0),
    missing: gaps.reduce((all, { missing }) => all + missing, 0),
  };
}

export type UserTelemetries = Awaited<ReturnType<typeof readUserTelemetry>>;

/** The worst first: by what is missing, then by missing events; users that no record knows come last. */
export function userCompleteness({ whole, recorded: onTheirDays }: UserTelemetries, records: readonly UserRecord[]): readonly Completeness[] {
  const byUser = new Map(whole.map((one) => [one.user, one]));
  const compared = new Map(onTheirDays.map((one) => [one.user, one]));
  const recorded = records.map(({ user, apiKey, cost, tokens }) => {
    const [own, all] = user === '' ? [] : [compared.get(user), byUser.get(user)];
    const completeness = completenessOf({
      ...{ name: user === '' ? apiKey : user, isKey: user === '' },
      ...{ cost: own?.cost ?? 0n, tokens: own?.tokens ?? 0n, events: all?.events ?? 0, missing: all?.missing ?? 0 },
      ...{ recordedCost: cost, recordedTokens: tokens },
    });
    return { ...completeness, isSilent: completeness.isSilent && (all?.tokens ?? 0n) === 0n && (all?.cost ?? 0n) === 0n };
  });
  const known = new Set(records.map(({ user }) => user).filter((user) => user !== ''));
  const others = whole
    .filter(({ user }) => !known.has(user))
    .map(({ user, ...own }) => completenessOf({ name: user, isKey: false, ...own, ...UNKNOWN }));
  return worstFirst([...recorded, ...others]);
}

const UNKNOWN = { recordedCost: undefined, recordedTokens: undefined };

/** Only where records know workspaces that are ours. */
export function workspaceCompleteness(cells: readonly Cell[]): readonly Completeness[] {
  const byWorkspace = Map.groupBy(cells, ({ place }) => place.workspace);
  return worstFirst(
    [...byWorkspace].map(([name, own]) => {
      const comparable = own.filter(({ billed, counted }) => billed !== undefined || counted !== undefined);
      // Of days and billers that no record is about nothing is compared.
      const compared = comparable.length === 0 ? own : comparable;
      return completenessOf({
        ...{ name, isKey: false, events: 0, missing: 0 },
        cost: compared.reduce((sum, { telemetry }) => sum + ownOf(telemetry).sums.list + metricsAlone(ownOf(telemetry).sums), 0n),
        tokens: compared.reduce((sum, { telemetry }) => sum + sumOfClasses(ownOf(telemetry).tokens), 0n),
        recordedCost: comparable.length === 0 ? undefined : sumOf(comparable, recordedCost),
        recordedTokens: sumOf(
          comparable.filter(({ counted }) => counted !== undefined),
          ({ counted }) => counted && sumOfClasses(counted.tokens),
        ),
      });
    }),
  );
}

/** At list price without surcharge, as telemetry has it. */
function recordedCost({ billed, counted }: Cell): bigint | undefined {
  if (billed?.list !== undefined) return billed.list - billed.listSurcharge;
  return counted === undefined || counted.unpriced > 0n ? undefined : sumOfClasses(counted.list);
}

function sumOf(cells: readonly Cell[], amountOf: (cell: Cell) => bigint | undefined): bigint | undefined {
  let sum: bigint | undefined;
  for (const cell of cells) {
    const amount = amountOf(cell);
    if (amount === undefined) return undefined;
    sum = (sum ?? 0n) + amount;
  }
  return sum;
}

function completenessOf(own: Omit<Completeness, 'costRatio' | 'tokenRatio' | 'isSilent'>): Completeness {
  const { cost, tokens, recordedCost: costOfRecord, recordedTokens } = own;
  return {
    ...own,
    costRatio: costOfRecord === undefined ? null : shareOf(cost, costOfRecord),
    tokenRatio: recordedTokens === undefined ? null : shareOf(tokens, recordedTokens),
    isSilent: cost === 0n && tokens === 0n && ((costOfRecord ?? 0n) > 0n || (recordedTokens ?? 0n) > 0n),
  };
}

const missingCost = ({ cost, recordedCost: recorded }: Completeness): bigint =>
  recorded === undefined ? -1n : recorded > cost ? recorded - cost : 0n;
const missingTokens = ({ tokens, recordedTokens: recorded }: Completeness): bigint =>
  recorded === undefined ? -1n : recorded > tokens ? recorded - tokens : 0n;

const worstFirst = (all: readonly Completeness[]): readonly Completeness[] =>
  [...all].sort(
    (a, b) =>
      largestFirst(missingCost(a), missingCost(b)) ||
      largestFirst(missingTokens(a), missingTokens(b)) ||
      b.missing - a.missing ||
      byName(a.name, b.name),
  );
