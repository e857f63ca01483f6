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

/** `hasPlans`: what plans cover is left out, for no record has it. No coarse roll-up has users and plans together, so it is asked only where there are any. */
export async function readUserTelemetry(ledger: LedgerSnapshot, range: Range, hasPlans: boolean): Promise<readonly UserTelemetry[]> {
  const by = hasPlans ? (['user', 'plan', 'seat'] as const) : (['user'] as const);
  const asked = { measures: MEASURES, by, ...range, grain: 'total' as const, timeZone: 'UTC', where: [], rowsMax: ROWS_MAX };
  const gaps = Map.groupBy(await ledger.gaps(range.fromMs), ({ user }) => user);
  const { rows } = await ledger.query(asked);
  const metered = rows.filter(({ key: [, plan = '', seat = ''] }) => coverageOf({ plan, seat }) !== 'covered');
  return [...totalsBy(metered, ([user = '']) => user)].map(([user, values]) => {
    const sum = sumIn(MEASURES, values);
    const own = gaps.get(user) ?? [];
    return {
      user,
      cost: sum('cost_list') + sum('cost') - sum('cost_events') - sum('cost_estimated'),
      tokens: TOKENS.reduce((all, measure) => all + sum(measure), 0n),
      events: own.reduce((all, { events }) => all + events, 0),
      missing: own.reduce((all, { missing }) => all + missing, 0),
    };
  });
}

/** The worst first: by what is missing, then by missing events; users that no record knows come last. */
export function userCompleteness(telemetry: readonly UserTelemetry[], records: readonly UserRecord[]): readonly Completeness[] {
  const byUser = new Map(telemetry.map((one) => [one.user, one]));
  const recorded = records.map(({ user, apiKey, cost, tokens }) => {
    const own = user === '' ? undefined : byUser.get(user);
    return completenessOf({
      ...{ name: user === '' ? apiKey : user, isKey: user === '' },
      ...{ cost: own?.cost ?? 0n, tokens: own?.tokens ?? 0n, events: own?.events ?? 0, missing: own?.missing ?? 0 },
      ...{ recordedCost: cost, recordedTokens: tokens },
    });
  });
  const known = new Set(records.map(({ user }) => user).filter((user) => user !== ''));
  const others = telemetry
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
      return completenessOf({
        ...{ name, isKey: false, events: 0, missing: 0 },
        cost: own.reduce((sum, { telemetry }) => sum + ownOf(telemetry).sums.list + metricsAlone(ownOf(telemetry).sums), 0n),
        tokens: own.reduce((sum, { telemetry }) => sum + sumOfClasses(ownOf(telemetry).tokens), 0n),
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
