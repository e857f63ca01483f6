/** ledgerline blocks: windows of five hours as plan limits count them, with the flags and the JSON that people know from ccusage. */
import { type Command, Option } from 'commander';
import { dimensionOf } from '../catalog/dimension-aliases.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { displayUsd, parseUsd } from '../core/money.ts';
import { BLOCKS, type BlockAnswer, type BlocksAnswer } from '../query/blocks.ts';
import { blocksJson } from './ccusage-json.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import { type ReadingOptions, wholeNumber } from './reading-options.ts';
import type { Terminal } from './terminal.ts';
import { ORDERS, OUTPUT_AND_ORDER, orderOf } from './usage.ts';
import type { Row, View, ViewColumn } from './view.ts';

interface BlocksOptions extends ReadingOptions {
  readonly order?: string;
  readonly cost: boolean;
  readonly active?: boolean;
  readonly recent?: boolean;
  readonly sessionLength?: string;
}

const DEFAULT_PERIOD = 'last-30d';
const RECENT_PERIOD = 'last-3d';

export const blocksCommand = (terminal: Terminal): Command =>
  readingCommand<BlocksOptions, unknown, BlocksAnswer>(terminal, {
    name: 'blocks',
    description: 'usage in windows of five hours, as plan limits count them and ccusage shows them',
    examples: `
The limits of a plan are those of one account: give --where user:…. Without a time range: the last 30 days. JSON is that of ccusage.

Examples:
  ledgerline blocks --where user:alice@example.com
  ledgerline blocks --active --where user:alice@example.com     the one that runs, and what it comes to
  ledgerline blocks --recent --json`,
    question: BLOCKS,
    lastWord: 'blocks',
    outputs: OUTPUT_AND_ORDER,
    options: (command) =>
      command
        .option('-a, --active', 'only the block that runs')
        .option('-r, --recent', 'the last 3 days')
        .option('-n, --session-length <hours>', 'length of a block (default: 5)')
        .addOption(new Option('--order <order>', 'oldest or newest first').choices(ORDERS))
        .option('--no-cost', 'without cost'),
    // Blocks are no unit of time: --last picks from the answer.
    time: ({ options: { last: _, ...options } }) => {
      const isOpen = ![options.period, options.from, options.since, options.window].some((option) => option !== undefined);
      if (!isOpen) return { options };
      const since = options.recent === true ? RECENT_PERIOD : DEFAULT_PERIOD;
      return { options: options.to === undefined && options.until === undefined ? { ...options, period: since } : { ...options, since } };
    },
    parameters({ options, parameters }) {
      if (options.sessionLength !== undefined) parameters.set('hours', options.sessionLength);
    },
    view: (answer, context) => blocksView({ ...answer, blocks: [...chosen(answer, context.options)] }, context),
    json: (answer, { options }) => blocksJson({ hours: answer.hours, blocks: chosen(answer, options) }, { withCost: options.cost }),
  });

function chosen({ blocks }: BlocksAnswer, { active, last, ...options }: BlocksOptions): readonly BlockAnswer[] {
  const wanted = active === true ? blocks.filter((block) => block.is_active) : blocks;
  const newest = last === undefined ? wanted : wanted.slice(-wholeNumber('--last', last));
  return orderOf(options) === 'desc' ? newest.toReversed() : newest;
}

const COLUMNS: readonly ViewColumn[] = [
  { field: 'start', cut: 'never' },
  { field: 'state', cut: 'never' },
  { field: 'model', title: 'models', priority: 3 },
  { field: 'requests', align: 'right', priority: 2 },
  { field: 'total_tokens', title: 'tokens', align: 'right', priority: 1 },
];
const COST_COLUMNS: readonly ViewColumn[] = [
  { field: 'usd_per_hour', title: 'per hour', align: 'right', priority: 4, show: (value) => money(value) },
  { field: 'cost_usd' },
];

interface Shown {
  readonly options: BlocksOptions;
  readonly parameters: URLSearchParams;
  readonly nowMs: number;
}

function blocksView(answer: BlocksAnswer, { options, parameters, nowMs }: Shown): View {
  const empty = options.active === true && answer.as_of !== null ? 'No block runs now.' : whyEmpty(answer, 'blocks', parameters);
  return {
    sections: [{ columns: options.cost ? [...COLUMNS, ...COST_COLUMNS] : COLUMNS, rows: answer.blocks.map((block) => rowOf(block, nowMs)), empty }],
    notes: [
      ...answer.blocks.flatMap(({ projection }) =>
        projection === null || !options.cost ? [] : [`The block that runs comes to ${money(projection.cost_usd)} at its present rate.`],
      ),
      ...(parameters.getAll('where').some((filter) => dimensionOf(filter.split(':', 1)[0] ?? '') === 'user')
        ? []
        : ['Of all users together; the limits of a plan are those of one: give --where user:….']),
      ageNote(answer, nowMs),
    ],
  };
}

const rowOf = ({ models, burn_rate, projection, ...block }: BlockAnswer, nowMs: number): Row => ({
  ...block,
  start: `${block.start.slice(0, 16).replace('T', ' ')} UTC`,
  state: projection === null ? lasting(Date.parse(block.last_activity) - Date.parse(block.start)) : `${lasting(Date.parse(block.end) - nowMs)} left`,
  model: models.map(({ model }) => model).join(', '),
  usd_per_hour: burn_rate?.usd_per_hour ?? null,
});

const money = (value: unknown): string => (typeof value === 'string' ? displayUsd(parseUsd(value) ?? 0n) : '');

const lasting = (ms: number): string => `${Math.floor(ms / HOUR_MS)}h ${String(Math.floor(ms / MINUTE_MS) % 60).padStart(2, '0')}m`;
