/** GET /api/v1/plans: what seats cost, and the value of what they were used for. */
import { type Coverage, coverageOf } from '../catalog/coverage.ts';
import type { MeasureName } from '../catalog/measures.ts';
import { DAY_MS } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { formatUsd } from '../core/money.ts';
import { RANGE_SHAPES, type Range, readRange, renderRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { FORMAT_SHAPE } from './parameters.ts';
import { type PlansAnswer, plansSchema } from './plans/answer.ts';
import { feeOf, groupOf, type SeatGroup, seatGroups, termAt } from './plans/fee.ts';
import { type Asking, question } from './question.ts';
import { readReconciliation } from './reconcile/facts.ts';
import { freshnessOf } from './render.ts';
import { largestFirst, shareOf, sumIn } from './totals.ts';

export type { PlansAnswer } from './plans/answer.ts';

const { tz: _, ...UTC_RANGE_SHAPES } = RANGE_SHAPES;
const MEASURES = ['cost_list', 'cost', 'sessions', 'requests'] as const satisfies readonly MeasureName[];
const ROWS_MAX = 20_000;

export const PLANS = question<Range, PlansAnswer>({
  id: 'plans',
  path: '/plans',
  summary: 'What seats of plans cost, and the value of what they were used for.',
  description:
    'Sessions of a seat are notional: they are in every total of cost, and the seat is paid for. Fees come from plans in the configuration, by days in UTC; usage credits from imported statements.',
  parameters: { ...UTC_RANGE_SHAPES, format: FORMAT_SHAPE },
  answer: plansSchema,
  parse({ parameters }, { config, nowMs }) {
    const { fromMs, toMs } = readRange(parameters, { timeZone: 'UTC', weekStart: config.week_start }, nowMs);
    return { fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS, toMs: Math.ceil(toMs / DAY_MS) * DAY_MS };
  },
  ask: answerPlans,
  csv: (_asked, { plans }) =>
    csvPieces(
      COLUMNS,
      plans.map((row) => COLUMNS.map((column) => row[column] ?? '')),
    ),
});

const COLUMNS = [
  ...(['plan', 'seat', 'seats', 'monthly_usd', 'fee_usd', 'value_usd', 'reported_usd', 'sessions', 'requests', 'leverage'] as const),
  'value_per_seat_usd',
] as const;

/** In the order of MEASURES. */
type Used = readonly bigint[];
const NOTHING: Used = MEASURES.map(() => 0n);
const plus = (one: Used, other: Used): Used => one.map((value, index) => value + (other[index] ?? 0n));
const worthOf = ([value = 0n]: Used): bigint => value;

function renderUsed(used: Used) {
  const sum = sumIn(MEASURES, used);
  return {
    value_usd: formatUsd(sum('cost_list')),
    reported_usd: formatUsd(sum('cost')),
    sessions: Number(sum('sessions')),
    requests: Number(sum('requests')),
  };
}

async function answerPlans(range: Range, asking: Asking): Promise<PlansAnswer> {
  const { reader, config } = asking;
  const nowMs = asking.now();
  const passed = { fromMs: range.fromMs, toMs: Math.max(range.fromMs, Math.min(range.toMs, Math.ceil(nowMs / DAY_MS) * DAY_MS)) };
  const { rows, asOfMs } = await reader.query({
    ...{ measures: MEASURES, by: ['plan', 'seat'], ...range, grain: 'total', timeZone: 'UTC', where: [], rowsMax: ROWS_MAX },
  });
  const groups = seatGroups(config.plans);
  const byGroup = new Map<SeatGroup, Used>(groups.map((group) => [group, NOTHING]));
  const unpriced = new Map<string, { readonly plan: string; readonly seat: string; readonly used: Used }>();
  const byCoverage = new Map<Coverage, Used>();
  for (const { key, values } of rows) {
    const [plan = '', seat = ''] = key;
    const coverage = coverageOf({ plan, seat });
    byCoverage.set(coverage, plus(byCoverage.get(coverage) ?? NOTHING, values));
    if (coverage !== 'covered') continue;
    const group = groupOf(groups, plan, seat);
    if (group === undefined) unpriced.set(JSON.stringify(key), { plan, seat, used: values });
    else byGroup.set(group, plus(byGroup.get(group) ?? NOTHING, values));
  }
  const priced = [...byGroup].map(([group, used]) => ({ group, used, fee: feeOf(group, passed) }));
  const fee = priced.reduce((sum, one) => sum + one.fee, 0n);
  const covered = byCoverage.get('covered') ?? NOTHING;
  return {
    range: renderRange(range, { timeZone: 'UTC', weekStart: config.week_start }),
    time_zone: 'UTC',
    plans: [
      ...priced.toSorted((a, b) => largestFirst(a.fee, b.fee)).map((one) => renderGroup(one, passed.toMs)),
      ...[...unpriced.values()].toSorted((a, b) => largestFirst(worthOf(a.used), worthOf(b.used))).map(renderUnpriced),
    ],
    total: {
      fee_usd: groups.length === 0 ? null : formatUsd(fee),
      ...renderUsed(covered),
      leverage: unpriced.size > 0 ? null : shareOf(worthOf(covered), fee),
    },
    overage_usd: await overageOf(asking, range, nowMs),
    metered: renderUsed(byCoverage.get('metered') ?? NOTHING),
    unknown: renderUsed(byCoverage.get('unknown') ?? NOTHING),
    findings: [...unpriced.values()].map(notConfigured),
    ...freshnessOf(asOfMs, nowMs),
  };
}

const ANY = 'any';

function renderGroup({ group, used, fee }: { readonly group: SeatGroup; readonly used: Used; readonly fee: bigint }, endMs: number) {
  const term = termAt(group, endMs - 1);
  const seats = term?.seats ?? 0;
  return {
    ...{ plan: group.plan, seat: group.seat || ANY, seats, monthly_usd: term?.monthly_usd ?? null, fee_usd: formatUsd(fee) },
    ...renderUsed(used),
    leverage: shareOf(worthOf(used), fee),
    value_per_seat_usd: seats === 0 ? null : formatUsd(worthOf(used) / BigInt(seats)),
  };
}

const renderUnpriced = ({ plan, seat, used }: { readonly plan: string; readonly seat: string; readonly used: Used }) => ({
  ...{ plan, seat: seat || ANY, seats: null, monthly_usd: null, fee_usd: null, ...renderUsed(used), leverage: null, value_per_seat_usd: null },
});

const notConfigured = ({ plan, seat }: { readonly plan: string; readonly seat: string }): Finding => ({
  code: 'plan_without_price',
  severity: 'info',
  message: `Sessions of the plan ${plan}${seat === '' ? '' : `, seat ${seat},`} have no fee to compare with.`,
  remedy: 'Say how many seats there are, and what one costs a month, under plans in the configuration.',
});

/** Unknown where no statement was imported, and to who does not see the bill. */
async function overageOf(asking: Asking, range: Range, nowMs: number): Promise<string | null> {
  const { cells } = await readReconciliation(asking, range, nowMs);
  const known = cells.flatMap(({ overage }) => (overage === undefined ? [] : [overage]));
  return known.length === 0 ? null : formatUsd(known.reduce((sum, amount) => sum + amount, 0n));
}
