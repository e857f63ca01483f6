/** ledgerline prices check: are the price files well, and does everything in the ledger have a price? */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { normalizeModel } from '../ingest/claude-code/model-names.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import { fallbackWords, type LearntModels } from '../pricing/learn/learnt-file.ts';
import { configuredPrices, loadPriceTable } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { retirements } from '../pricing/retirements.ts';
import { matches } from '../pricing/terms.ts';
import { type UnpricedModel, unpricedModels } from '../query/unpriced-models.ts';
import { openLedgerReader } from '../storage/open.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { shownDay } from './prices-rates.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, withOutput } from './reading-options.ts';
import { storedLearnt, storedPrices } from './stored-prices.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

type CheckOptions = LedgerOptions & OutputOptions;

/** What is found, how it is mended, and whether it makes the check fail. */
type Point = {
  readonly what: 'unpriced' | 'priced_since' | 'learnt' | 'retired' | 'own_rows' | 'terms';
  readonly model: string;
  readonly tokens: string | null;
  readonly message: string;
  readonly remedy: string;
};

const EXAMPLES = `
Reads the price files and the configuration, and the ledger for tokens that were booked without a list price. Ends with 1 if there are
any, with 2 if a file is not valid.

Examples:
  ledgerline prices check
  ledgerline prices check -o json`;

export const pricesCheckCommand = (terminal: Terminal): Command =>
  withOutput(withLedger(new Command('check').description('are the price files valid, and does everything in the ledger have a price?')))
    .addHelpText('after', EXAMPLES)
    .action((options: CheckOptions, command: Command) => check(options, terminalFor(options, command, terminal)));

async function check(options: CheckOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const prices = await storedPrices(config);
  const reader = await openReader(config);
  try {
    const nowMs = terminal.now();
    const learnt = await storedLearnt(config);
    const unpriced = reader === undefined ? [] : (await unpricedModels(reader, prices, nowMs)).map((one) => unpricedPoint(one, learnt));
    const retired = reader === undefined ? [] : await retiredPoints(reader);
    const points = [...unpriced, ...learntPoints(prices, learnt), ...retired, ...ownPoints(config), ...termPoints(config, prices)];
    const lines = points.flatMap(({ what, message, remedy }) => [
      `${isFault(what) ? '✗' : '·'} ${message}`,
      ...(remedy === '' ? [] : [`  → ${remedy}`]),
    ]);
    const isWell = unpriced.length === 0;
    const view = {
      headline: isWell ? summary(prices, reader) : 'The ledger has tokens without a list price.',
      sections: [
        { columns: [{ field: 'what' }, { field: 'model' }, { field: 'tokens' }, { field: 'message' }, { field: 'remedy' }], rows: points, lines },
      ],
    };
    printView(view, { ok: isWell, points }, options, terminal);
    if (!isWell) process.exitCode = EXIT_CONDITION;
  } finally {
    await reader?.close();
  }
}

/** Undefined where there is no ledger yet: then the files alone are checked. */
async function openReader(config: Config): Promise<LedgerReader | undefined> {
  try {
    return await openLedgerReader(config);
  } catch (error) {
    if (error instanceof LedgerlineError && error.code === 'not_found') return undefined;
    throw error;
  }
}

const isFault = (what: Point['what']): boolean => what === 'unpriced' || what === 'priced_since';

const summary = ({ models }: PriceBook, reader: LedgerReader | undefined): string =>
  `The price files are valid: ${models.length} models. ${reader === undefined ? 'There is no ledger yet.' : 'Everything in the ledger has a list price.'}`;

function unpricedPoint({ model, isFast, tokens, hasPrice, pricedFromMs }: UnpricedModel, learnt: LearntModels): Point {
  const named = `${model || 'an unknown model'}${isFast ? ' in fast mode' : ''}`;
  const about = { model, tokens: tokens.toString() };
  const count = `${withThousands(tokens)} tokens`;
  if (hasPrice) {
    const message = `${named}: ${count} were booked before it had a list price.`;
    return { what: 'priced_since', ...about, message, remedy: '`ledgerline prices reprice` books them at it.' };
  }
  if (pricedFromMs !== undefined) {
    const message = `${named}: ${count} are of days before ${shownDay(pricedFromMs)}, from which it has a list price.`;
    return { what: 'unpriced', ...about, message, remedy: 'Add its `fast` rates of those days to your own price file; see docs/prices.md.' };
  }
  const fallback = learnt[model]?.fallback;
  const charged = fallback === undefined ? '' : ` ${fallbackWords(fallback)}`;
  const remedy =
    model === ''
      ? 'Its records name no model; see docs/prices.md.'
      : `\`ledgerline prices import litellm FILE\` if the public map has it, else add it to your own price file, or map its id in models.aliases; see docs/prices.md.`;
  return { what: 'unpriced', ...about, message: `${named}: ${count} have no list price.${charged}`, remedy };
}

const learntPoints = (prices: PriceBook, learnt: LearntModels): Point[] =>
  Object.entries(learnt).flatMap(([model, { normal }]): Point[] => {
    const row = normal.at(-1);
    if (row === undefined || !prices.history(model).some(({ origin }) => origin === 'learnt')) return [];
    const others = row.others === 0 ? '' : `, and ${withThousands(row.others)} do not agree`;
    const message = `${model}: no table has it; its price is learnt from ${withThousands(row.requests)} requests${others}.`;
    return [{ what: 'learnt', model, tokens: null, message, remedy: `\`ledgerline prices show ${model}\` shows the evidence.` }];
  });

async function retiredPoints(reader: LedgerReader): Promise<Point[]> {
  const points: Point[] = [];
  for (const [model, { on }] of retirements()) {
    const { rows } = await reader.query({
      ...{ measures: ['requests'], by: [], grain: 'total', timeZone: 'UTC', rowsMax: 1, beyond: 'other' },
      ...{ fromMs: Date.parse(on), where: [{ dimension: 'model', values: [model] }] },
    });
    const requests = rows[0]?.values[0] ?? 0n;
    const message = `${model}: ${requests === 1n ? '1 request' : `${withThousands(requests)} requests`} since it was retired on the Claude API on ${on}; they have its last price.`;
    if (requests > 0n) points.push({ what: 'retired', model, tokens: null, message, remedy: '' });
  }
  return points;
}

/** Rows of the operator's own that hide newer ones of the built-in table. */
function ownPoints(config: Config): Point[] {
  const file = config.models.prices_file;
  if (file === undefined) return [];
  const builtIn = configuredPrices({ models: {} });
  return Object.entries(loadPriceTable(file)).flatMap(([model, rows]): Point[] => {
    const named = normalizeModel(model, config.models.aliases).model;
    if (named !== model) return [misnamedPoint(model, named)];
    const firstMs = Math.min(...rows.map(({ from }) => Date.parse(from)));
    const hidden = builtIn.history(model).filter(({ fromMs }) => fromMs > firstMs).length;
    const message = `${model}: your own rows are in the place of ${hidden === 1 ? '1 newer built-in row' : `${hidden} newer built-in rows`}.`;
    const remedy = '`ledgerline prices diff built-in own` shows the difference.';
    return hidden === 0 ? [] : [{ what: 'own_rows', model, tokens: null, message, remedy }];
  });
}

/** Records have the name alone that their model is normalized to. */
const misnamedPoint = (model: string, named: string): Point => ({
  ...({ what: 'own_rows', model, tokens: null } as const),
  message: `${model}: your own rows apply to nothing, since the ledger has this model as ${named}.`,
  remedy: `Name it ${named} in your own price file.`,
});

function termPoints({ prices: { discounts, capacity, overrides } }: Config, { models }: PriceBook): Point[] {
  const patterns = [...discounts, ...capacity, ...overrides].flatMap((term) => term.models ?? []);
  return [...new Set(patterns)]
    .filter((pattern) => !models.some((model) => matches(pattern, model)))
    .map((pattern) => ({
      ...({ what: 'terms', model: pattern, tokens: null } as const),
      message: `${pattern}: no model with a list price has this name, so what \`prices\` says of it applies to nothing.`,
      remedy: 'Correct the name, or add the model to your own price file.',
    }));
}
