/** ledgerline forecast rollout: from what a pilot costs to a monthly budget. */
import type { Command } from 'commander';
import { displayUsd, PICO_PER_USD, parseUsd } from '../core/money.ts';
import { FORECAST_ROLLOUT, type RolloutAnswer } from '../query/forecast-rollout.ts';
import { shareColumn } from './change-columns.ts';
import { bandBar } from './chart.ts';
import { EXIT_CONDITION, EXIT_OK } from './exit-codes.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Section, Value, View } from './view.ts';

interface RolloutOptions extends ReadingOptions {
  readonly pilot?: readonly string[];
  readonly users?: string;
  readonly start?: string;
  readonly ramp?: string;
  readonly mix?: string;
  readonly pilotUsers?: string;
}

const BAR = 24;

const EXAMPLES = `
The time range is that of the pilot: without one, the eight weeks before today. Figures are estimates, drawn from what the users of the pilot
cost day by day; docs/rollout.md says how, and what they cannot know. The exit code is 1 where the pilot is too small for a forecast.

Examples:
  ledgerline forecast rollout --pilot team:platform --users 400
  ledgerline forecast rollout --pilot team:platform --users 400 --start 2027-01-11 --ramp 8       as many begin in each of eight weeks
  ledgerline forecast rollout --pilot team:platform --users 400 --ramp 10,25,50,100               percent of the users by week
  ledgerline forecast rollout --pilot team:platform --users 400 --mix opus=20,sonnet=80
  ledgerline forecast rollout --pilot team:platform --pilot-users 25 --users 400                  of 25, also those who sent nothing
  ledgerline forecast rollout --pilot team:platform --users 400 --since 2026-10-01 -o csv`;

export const forecastRolloutCommand = (terminal: Terminal): Command =>
  readingCommand<RolloutOptions, unknown, RolloutAnswer>(terminal, {
    name: 'rollout',
    description: 'a monthly budget for more users, from what a pilot costs',
    examples: EXAMPLES,
    question: FORECAST_ROLLOUT,
    shared: { where: false },
    options: (command) =>
      command
        .requiredOption('--pilot <filter>', 'the pilot as dimension:value; repeatable', (filter: string, before: string[] = []) => [
          ...before,
          filter,
        ])
        .requiredOption('--users <n>', 'users to plan for, those of the pilot included')
        .option('--start <day>', 'first day of the roll-out (default: that of the next month)')
        .option('--ramp <weeks>', 'weeks until everybody has begun, or percent by week, such as 10,25,50,100 (default: all at once)')
        .option('--mix <models>', 'percent of the days of use by model, such as opus=20,sonnet=80 (default: as in the pilot)')
        .option('--pilot-users <n>', 'users of the pilot, also those who sent nothing (default: those who did)'),
    parameters: ({ options, parameters }) => {
      for (const filter of options.pilot ?? []) parameters.append('pilot', filter);
      const { users, start, ramp, mix, pilotUsers: pilot_users } = options;
      for (const [key, value] of Object.entries({ users, start, ramp, mix, pilot_users })) if (value !== undefined) parameters.set(key, value);
    },
    view: (answer, { nowMs }) => rolloutView(answer, nowMs),
    exitCode: ({ verdict }) => (verdict === 'too_small' ? EXIT_CONDITION : EXIT_OK),
  });

function rolloutView(answer: RolloutAnswer, nowMs: number): View {
  const { pilot, findings, recommended, mix, months } = answer;
  return {
    headline: headline(answer),
    sections: [
      ...(findings.length === 0
        ? []
        : [
            lines(
              'The size of the pilot',
              findings.map(({ message, remedy }) => `- ${`${message} ${remedy}`.trim()}`),
            ),
          ]),
      ...(months.length === 0 ? [] : [band(answer)]),
      ...(recommended === null ? [] : [lines('To set it', [recommended.command])]),
      ...(answer.published.length === 0 ? [] : [published(answer)]),
      ...(pilot.per_active_day === null ? [] : [spread(answer)]),
      ...(pilot.models.length === 0 ? [] : [models(answer)]),
      ...(mix === null ? [] : [mixed(mix)]),
      ...(pilot.weekdays.length === 0 ? [] : [weekdays(answer)]),
    ],
    notes: [...notes(answer), ageNote(answer, nowMs, `Days begin in ${answer.time_zone}.`)],
  };
}

const lines = (title: string, all: readonly string[]): Section => ({ title, columns: [], rows: [], lines: all });
/** To the dollar from a hundred on: cents would claim to know more. */
function estimate(value: Value): string {
  const amount = typeof value === 'string' ? parseUsd(value) : undefined;
  if (amount === undefined) return '';
  const shown = displayUsd(amount);
  return amount < 100n * PICO_PER_USD ? shown : displayUsd(((amount + PICO_PER_USD / 2n) / PICO_PER_USD) * PICO_PER_USD).replace(/\.00$/, '');
}

const percent = (share: Value): string => (typeof share === 'number' ? `${Math.round(share * 100)} %` : '');
const people = (count: number): string => (count === 1 ? '1 user' : `${withThousands(count)} users`);

function headline({ users, pilot, months, recommended, verdict }: RolloutAnswer): string {
  const from = `${people(pilot.users)} of ${printable(pilot.filters.join(', '))}`;
  const most = months.find(({ month }) => month === recommended?.month);
  if (recommended === null || most === undefined) return `The pilot is too small to forecast what ${people(users)} would cost: ${from}.`;
  const small = verdict === 'small' ? ' The pilot is small.' : '';
  return `${people(users)} would cost about ${estimate(most.p50_usd)} in ${most.month}, and less than ${estimate(most.p90_usd)} in nine of ten futures, going by ${from}. Recommended: ${estimate(recommended.amount_usd)} a month.${small}`;
}

function band({ months, total }: RolloutAnswer): Section {
  const largest = Math.max(...months.map(({ p90_usd }) => Number(p90_usd)));
  const drawn = ({ p50_usd, p90_usd }: Row): string => bandBar(Number(p50_usd) / largest, Number(p90_usd) / largest, BAR);
  return {
    title: 'By month, estimated: █ half of the futures cost less, ░ up to what nine of ten cost less than',
    columns: [
      { field: 'month', cut: 'never' },
      { field: 'from', isData: true },
      { field: 'to', isData: true },
      { field: 'working_days', priority: 2 },
      { field: 'users' },
      { field: 'p50_usd', title: 'median', align: 'right', show: estimate },
      { field: 'p90_usd', title: '90th percentile', align: 'right', show: estimate },
      { field: 'days', title: 'band', align: 'left', priority: 1, cut: 'never', show: (_, row) => (largest === 0 ? '' : drawn(row)) },
    ],
    rows: months,
    ...(total !== null && { total }),
  };
}

function published({ published: editions, pilot, months, recommended }: RolloutAnswer): Section {
  const month = editions[0]?.month ?? '';
  const own = {
    edition: 'the pilot',
    average_usd: pilot.per_active_day?.mean_usd,
    measured_days_usd: months.find((one) => one.month === recommended?.month)?.p50_usd,
  };
  return {
    title: `Beside published averages, in ${month}`,
    columns: [
      { field: 'edition', title: 'source' },
      { field: 'average_usd', title: 'a user and active day', align: 'right' },
      { field: 'measured_days_usd', title: "on the pilot's days", align: 'right', show: estimate },
      { field: 'every_working_day_usd', title: `on all ${editions[0]?.working_days} working days`, align: 'right', priority: 1, show: estimate },
    ],
    rows: [own, ...editions],
  };
}

const spread = ({ pilot }: RolloutAnswer): Section => ({
  title: `What a user of the pilot costs: ${pilot.days} days${pilot.range === null ? '' : `, ${pilot.range.words}`}`,
  columns: [
    { field: 'of', title: '' },
    { field: 'mean_usd', title: 'average' },
    { field: 'p50_usd', title: 'p50' },
    { field: 'p90_usd', title: 'p90' },
    { field: 'p99_usd', title: 'p99', priority: 1 },
  ],
  rows: [
    { of: 'a day of use', ...pilot.per_active_day },
    { of: '30 days', ...pilot.per_user_30_days },
  ],
});

const models = ({ pilot }: RolloutAnswer): Section => ({
  title: 'Days of use, by the model on which most was spent',
  columns: [
    { field: 'model', show: (model) => printable(String(model)) },
    shareColumn(),
    { field: 'user_days', title: 'days' },
    { field: 'users', priority: 1 },
    { field: 'per_user_day_usd', title: 'cost of a day' },
  ],
  rows: pilot.models,
});

const mixed = ({ factor, models: rows }: NonNullable<RolloutAnswer['mix']>): Section => ({
  title: `With the mix a day of use costs ${factor.toFixed(2)} times as much`,
  columns: [
    { field: 'name', title: 'model', show: (name) => printable(String(name)) },
    { field: 'percent', title: '%' },
    { field: 'user_days', title: 'days' },
    { field: 'users', priority: 1 },
    { field: 'per_user_day_usd', title: 'cost of a day' },
  ],
  rows,
});

const weekdays = ({ pilot }: RolloutAnswer): Section => ({
  title: 'By weekday',
  columns: [{ field: 'weekday' }, shareColumn(), { field: 'active_share', title: 'users active', align: 'right', show: percent }],
  rows: pilot.weekdays,
});

function notes({ pilot, ramp, futures, p90_read_at }: RolloutAnswer): string[] {
  const largest =
    pilot.largest_user_share === null
      ? ''
      : `The user with most of the spend has ${percent(pilot.largest_user_share)} of it, the tenth of the users with most ${percent(pilot.largest_tenth_share)}.`;
  const drawn =
    p90_read_at === null
      ? ''
      : `Estimates from ${withThousands(futures)} futures; the 90th percentile is read at ${(p90_read_at * 100).toFixed(1)} %, for a pilot of so many users.`;
  const begun = ramp.length === 0 ? '' : `Everybody has begun in week ${ramp.indexOf(1) + 1}.`;
  return [largest, drawn, begun].filter((note) => note !== '');
}
