/** ledgerline blocks: windows of five hours as plan limits count them, with the flags and the JSON that people know from ccusage. */
import { type Command, Option } from 'commander';
import { dimensionOf } from '../catalog/dimension-aliases.ts';
import { HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { displayUsd, parseUsd } from '../core/money.ts';
import { BLOCKS, type BlockAnswer, type BlocksAnswer } from '../query/blocks.ts';
import { blocksJson } from './ccusage-json.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import { type ReadingOptions, wholeNumber } from './reading-options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import { ORDERS, OUTPUT_AND_ORDER, orderOf } from './usage.ts';
import type { Row, View, ViewColumn } from './view.ts';

interface BlocksOptions extends ReadingOptions {
  readonly order?: string;
  readonly cost: boolean;
  readonly active?: boolean;
  readonly recent?: boolean;
  readonly sessionLength?: string;
  readonly tokenLimit?: string;
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
  ledgerline blocks --recent --json
  ledgerline blocks --token-limit max --where user:alice@example.com     how near it comes to the largest`,
    question: BLOCKS,
    lastWord: 'blocks',
    outputs: OUTPUT_AND_ORDER,
    options: (command) =>
      command
        .option('-a, --active', 'only the block that runs')
        .option('-r, --recent', 'the last 3 days')
        .option('-n, --session-length <hours>', 'length of a block (default: 5)')
        .option('-t, --token-limit <n|max>', 'tokens that a block may use; max: of the largest that is over')
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
    view: (answer, context) =>
      blocksView({ ...answer, blocks: [...chosen(answer, context.options)] }, { ...context, limit: limitOf(answer, context.options) }),
    json: (answer, { options }) =>
      blocksJson({ hours: answer.hours, blocks: chosen(answer, options) }, { withCost: options.cost, tokenLimit: limitOf(answer, options) }),
  });

const LIMIT = /^[1-9]\d{0,15}$/;

/** Undefined without --token-limit, and for max where no block is over yet. Throws LedgerlineError `invalid`. */
function limitOf({ blocks }: BlocksAnswer, { tokenLimit }: BlocksOptions): number | undefined {
  if (tokenLimit === undefined) return undefined;
  if (tokenLimit === 'max') {
    const largest = Math.max(0, ...blocks.filter((block) => !block.is_active).map(({ total_tokens }) => Number(total_tokens)));
    return largest === 0 ? undefined : largest;
  }
  if (LIMIT.test(tokenLimit)) return Number(tokenLimit);
  throw new LedgerlineError('invalid', `--token-limit ${tokenLimit.slice(0, 80)} is not a number of tokens.`, {
    hint: 'Give a whole number above zero, such as 500000, or max.',
  });
}

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

const percent = (ratio: unknown): string => `${(Number(ratio) * 100).toFixed(1)} %`;
const LIMIT_COLUMN: ViewColumn = { field: 'of_limit', title: 'of limit', align: 'right', show: percent };

interface Shown {
  readonly options: BlocksOptions;
  readonly parameters: URLSearchParams;
  readonly nowMs: number;
  readonly limit: number | undefined;
}

function blocksView(answer: BlocksAnswer, { options, parameters, nowMs, limit }: Shown): View {
  const empty = options.active === true && answer.as_of !== null ? 'No block runs now.' : whyEmpty(answer, 'blocks', parameters);
  return {
    sections: [
      {
        columns: [...COLUMNS, ...(limit === undefined ? [] : [LIMIT_COLUMN]), ...(options.cost ? COST_COLUMNS : [])],
        rows: answer.blocks.map((block) => ({
          ...rowOf(block, nowMs),
          ...(limit !== undefined && { of_limit: Number(block.total_tokens) / limit }),
        })),
        empty,
      },
    ],
    notes: [
      ...answer.blocks.flatMap(({ projection }) =>
        projection === null || limit === undefined
          ? []
          : [
              `The block that runs comes to ${percent(Number(projection.total_tokens) / limit)} of the limit of ${withThousands(limit)} tokens at its present rate.`,
            ],
      ),
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
