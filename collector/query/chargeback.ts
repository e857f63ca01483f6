/** GET /api/v1/chargeback: what each team and cost center is charged for a month, shared costs split. */
import { z } from 'zod';
import type { DimensionName } from '../catalog/measures.ts';
import { showValue } from '../catalog/values.ts';
import type { SharedCost } from '../config/shared-costs.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import { formatUsd } from '../core/money.ts';
import { periodAround } from '../core/time-range.ts';
import { ANYTHING } from '../ledger/coverage-start.ts';
import type { LedgerSnapshot, RowsQuery } from '../ledger/ledger.ts';
import { type AnswerOf, ageSchema, findingSchema, usdSchema } from './answer-schemas.ts';
import { directoryOf } from './asked-user.ts';
import { addCharges, type BookedRow, chargeMonth, type MonthCharges } from './chargeback/month.ts';
import { namedTeams } from './chargeback/named-teams.ts';
import { RANGE_SHAPES, type Range, rangeSchema, readRange, renderRange } from './compared-range.ts';
import { csvPieces } from './csv.ts';
import { FORMAT_SHAPE, readCalendar } from './parameters.ts';
import { type Asking, question } from './question.ts';
import { freshnessOf } from './render.ts';
import { byName, total } from './totals.ts';

const rowSchema = z
  .object({
    cost_center: z.string(),
    team: z.string(),
    own_usd: usdSchema.describe('Booked on the team.'),
    shared_out_usd: usdSchema.describe('Of that, shared by others.'),
    shared_in_usd: usdSchema.describe('Its part of what others share.'),
    total_usd: usdSchema.describe('Own, less what is shared, with its part.'),
  })
  .meta({ id: 'ChargebackRow' });

const sharedSchema = z
  .object({
    name: z.string(),
    split: z.enum(['fixed', 'heads', 'spend']),
    cost_usd: usdSchema,
    is_split: z.boolean().describe('False where no team is there to take it: it stays where it is booked.'),
    parts: z.array(z.object({ team: z.string(), cost_usd: usdSchema })),
  })
  .meta({ id: 'SharedCost' });

const answerSchema = z
  .object({
    range: rangeSchema,
    cost_usd: usdSchema.describe('All spend of the time range: what the rows come to.'),
    rows: z.array(rowSchema).describe('By cost center and team.'),
    shared: z.array(sharedSchema),
    findings: z.array(findingSchema).describe('Teams of shared costs that neither the ledger nor the directory has.'),
    ...ageSchema,
  })
  .meta({ id: 'Chargeback' });
export type ChargebackAnswer = AnswerOf<typeof answerSchema>;

interface ChargebackRequest {
  readonly range: Range;
  readonly calendar: CalendarOptions;
}

export const CHARGEBACK = question<ChargebackRequest, ChargebackAnswer>({
  id: 'chargeback',
  path: '/chargeback',
  summary: 'What each team and cost center is charged for a month, shared costs split.',
  description:
    'For whoever sees the whole ledger. Without a time range: the current month. Each month is split by itself, and what the rows come to is the spend of the range, to the last digit.',
  parameters: { ...RANGE_SHAPES, format: FORMAT_SHAPE },
  answer: answerSchema,
  parse({ parameters }, { config, nowMs }) {
    const calendar = readCalendar(parameters, config);
    return { range: readRange(parameters, calendar, nowMs), calendar };
  },
  ask: answerChargeback,
  csv: (_, { rows }) =>
    csvPieces(
      ['cost_center', 'team', 'own_usd', 'shared_out_usd', 'shared_in_usd', 'total_usd'],
      rows.map((row) => [row.cost_center, row.team, row.own_usd, row.shared_out_usd, row.shared_in_usd, row.total_usd]),
    ),
});

async function answerChargeback({ range, calendar }: ChargebackRequest, asking: Asking): Promise<ChargebackAnswer> {
  const { reader, config, now, scope } = asking;
  if (scope !== 'all') {
    throw new LedgerlineError('forbidden', 'A chargeback is shown to those alone who see the whole ledger.', {
      hint: 'Use a token with the role read and no scope; your own spend is that of `ledgerline report --by team`.',
    });
  }
  const { months, cost, asOfMs } = await reader.snapshot((ledger) => readMonths(ledger, range, calendar, config));
  const directory = await directoryOf(asking);
  const ruled = months.map((month) => ({ ...month, rules: rulesIn(config.directory.shared_costs, month.startMs, calendar) }));
  const { spelling, findings } = await namedTeams([...new Set(ruled.flatMap(({ rules }) => rules))], directory, reader);
  const charges = ruled.map(({ startMs, ...month }) => {
    const lastMs = periodAround('month', startMs, calendar).toMs - 1;
    const costCenterOf = (team: string): string => directory.teams.inherited(team, 'cost_center', lastMs)?.value ?? '';
    return chargeMonth({ ...month, costCenterOf, spelling });
  });
  const about = { range: renderRange(range, calendar), cost_usd: formatUsd(cost) };
  return { ...about, ...renderCharges(addCharges(charges)), findings: [...findings], ...freshnessOf(asOfMs, now()) };
}

/** That hold in the month. */
function rulesIn(rules: readonly SharedCost[], monthMs: number, calendar: CalendarOptions): readonly SharedCost[] {
  const startOf = (month: string): number => periodAround('month', Date.parse(`${month}-15T00:00:00Z`), calendar).fromMs;
  return rules.filter(({ from, until }) => (from === undefined || startOf(from) <= monthMs) && (until === undefined || monthMs < startOf(until)));
}

async function readMonths(ledger: LedgerSnapshot, { fromMs, toMs }: Range, { timeZone }: CalendarOptions, { directory, limits }: Asking['config']) {
  const { shared_costs: rules } = directory;
  // Only what is asked about: fewer dimensions are one coarse roll-up.
  const wanted = (['workspace', 'job'] as const).filter((name) => rules.some((rule) => rule[name] !== undefined));
  const by: readonly DimensionName[] = ['team', 'cost_center', ...wanted];
  const query: RowsQuery = { measures: ['cost'], by, fromMs, toMs, grain: 'month', timeZone, where: [] };
  const { rows, totals, asOfMs } = await ledger.query({ ...query, rowsMax: limits.query_rows });
  const heads = rules.some(({ split }) => split === 'heads') ? await readHeads(ledger, query) : undefined;
  const cellOf = (key: readonly string[], name: DimensionName): string => key[by.indexOf(name)] ?? '';
  const months = [...Map.groupBy(rows, ({ startMs = 0 }) => startMs)].map(([startMs, own]) => ({
    startMs,
    booked: own.map(
      ({ key, values: [cost = 0n] }): BookedRow => ({
        ...{ team: cellOf(key, 'team'), costCenter: cellOf(key, 'cost_center') },
        ...{ workspace: cellOf(key, 'workspace'), job: cellOf(key, 'job'), cost },
      }),
    ),
    heads: heads?.get(startMs) ?? new Map<string, number>(),
  }));
  return { months, cost: totals[0] ?? 0n, asOfMs };
}

/** Of each month by team: users who sent anything, also what cost nothing. Page by page, since they are as many as users times months. */
async function readHeads(ledger: LedgerSnapshot, query: RowsQuery): Promise<ReadonlyMap<number, ReadonlyMap<string, number>>> {
  const months = new Map<number, Map<string, number>>();
  for await (const page of ledger.rows({ ...query, measures: ANYTHING, by: ['team', 'user'] })) {
    for (const { startMs = 0, key } of page) {
      const [team = '', user = ''] = key;
      const heads = months.getOrInsertComputed(startMs, () => new Map());
      if (user !== '') heads.set(team, (heads.get(team) ?? 0) + 1);
    }
  }
  return months;
}

const renderCharges = ({ rows, shared }: MonthCharges): Pick<z.infer<typeof answerSchema>, 'rows' | 'shared'> => ({
  rows: rows
    .filter(({ own, sharedOut, sharedIn }) => own !== 0n || sharedOut !== 0n || sharedIn !== 0n)
    .toSorted((one, other) => byName(one.costCenter, other.costCenter) || byName(one.team, other.team))
    .map(({ team, costCenter, own, sharedOut, sharedIn }) => ({
      ...{ cost_center: showValue('cost_center', costCenter), team: showValue('team', team) },
      ...{ own_usd: formatUsd(own), shared_out_usd: formatUsd(sharedOut), shared_in_usd: formatUsd(sharedIn) },
      total_usd: formatUsd(total([own, -sharedOut, sharedIn])),
    })),
  shared: shared.map(({ rule, cost, parts }) => ({
    ...{ name: rule.name, split: rule.split, cost_usd: formatUsd(cost), is_split: parts.size > 0 },
    parts: [...parts].toSorted(([one], [other]) => byName(one, other)).map(([team, part]) => ({ team, cost_usd: formatUsd(part) })),
  })),
});
