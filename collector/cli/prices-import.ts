/** ledgerline prices import litellm: rows for your own price file from LiteLLM's public map. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { normalizeModel } from '../ingest/claude-code/model-names.ts';
import { type PriceDifference, periodDifferences, toRates } from '../pricing/differences.ts';
import { type ImportedPrices, readLiteLlm } from '../pricing/litellm.ts';
import { configuredPrices, loadPriceTable, parsePriceTable } from '../pricing/load.ts';
import { withRows } from '../pricing/own-file.ts';
import { createPriceBook, type PriceBook, type PricePeriod, type PriceRow, priceAt } from '../pricing/price-book.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { dayOf, shownDay } from './prices-rates.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface ImportOptions extends LedgerOptions {
  readonly file?: string;
  readonly from?: string;
  readonly provider: string;
  readonly changed?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const EXAMPLES = `
Fetch the map yourself: https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json. Models without a
price get a row; with --changed, models with another price, too. A row that is there is never changed: a new price is a new row from
its day on. Regional factors apply to imported rows as to the built-in ones. Shows the difference first, and asks.

Examples:
  ledgerline prices import litellm model_prices_and_context_window.json --dry-run
  ledgerline prices import litellm model_prices_and_context_window.json --yes
  ledgerline prices import litellm model_prices_and_context_window.json --changed --from 2026-12-01`;

export function pricesImportCommand(terminal: Terminal): Command {
  const command = new Command('import').description('add rows to your own price file');
  command.addCommand(
    withLedger(new Command('litellm').description("from LiteLLM's public price map").argument('<file>', 'model_prices_and_context_window.json'))
      .option('--file <file>', 'price file to add to (default: models.prices_file)')
      .option('--from <day>', 'first day of the new rows (UTC)', 'today')
      .option('--provider <provider>', 'litellm_provider of the entries', 'anthropic')
      .option('--changed', 'also add rows for models that have another price')
      .option('--dry-run', 'only show what would be added')
      .option('--yes', 'do not ask')
      .addHelpText('after', EXAMPLES)
      .action((map: string, options: ImportOptions) => importLiteLlm(map, options, terminal)),
  );
  return command;
}

interface Candidate {
  readonly model: string;
  readonly row: PriceRow;
  readonly isNew: boolean;
  readonly differences: readonly PriceDifference[];
}

async function importLiteLlm(map: string, options: ImportOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const imported = read(map, options.provider, config);
  const fromMs = dayOf(options.from ?? 'today', '--from', terminal.now());
  const from = shownDay(fromMs);
  const source = `LiteLLM's ${basename(map)}, imported on ${shownDay(terminal.now())}`;
  const found = candidates(imported, configuredPrices(config), { from, source });
  const wanted = found.filter(({ isNew }) => isNew || options.changed === true);
  describe(found, wanted, imported, terminal);
  if (wanted.length === 0 || options.dryRun === true) return;
  const file = options.file ?? config.models.prices_file;
  if (file === undefined)
    throw new LedgerlineError('invalid', 'There is no price file to add to.', {
      hint: 'Name one in --file, and in models.prices_file of the configuration.',
    });
  const text = added(file, wanted);
  if (options.yes !== true) await confirm(wanted.length, file, terminal);
  writeWhole(file, text);
  terminal.out(`${file} has ${wanted.length === 1 ? '1 row' : `${wanted.length} rows`} more. Restart the collector to price by them.`);
  if (config.models.prices_file === undefined) terminal.out(`Name it in the configuration: models: { prices_file: ${file} }.`);
}

function read(map: string, provider: string, config: Config): ImportedPrices {
  const modelOf = (id: string): string | undefined => {
    const { model, recognized, speed } = normalizeModel(id, config.models.aliases);
    return recognized && speed === undefined ? model : undefined;
  };
  const imported = readLiteLlm(textOf(map), provider, modelOf);
  if (imported === undefined)
    throw new LedgerlineError('invalid', `${map} is not LiteLLM's price map.`, { hint: 'It is a JSON object with one object for each model.' });
  return imported;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LedgerlineError('invalid', `${file} cannot be read.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
}

/** Where the map says otherwise than the prices that hold on the day. */
function candidates({ rates }: ImportedPrices, prices: PriceBook, { from, source }: Pick<PriceRow, 'from' | 'source'>): readonly Candidate[] {
  return [...rates].flatMap(([model, read]): Candidate[] => {
    const before = priceAt(prices, model, Date.parse(from));
    const row: PriceRow = { from, source, factors: true, ...(before && unsaid(before)), ...read };
    const differences = periodDifferences(model, before, periodOf(model, row));
    return differences.length === 0 ? [] : [{ model, row, isNew: before === undefined, differences }];
  });
}

const periodOf = (model: string, row: PriceRow) => createPriceBook([{ [model]: [row] }]).history(model)[0];

/** What goes on where the map leaves it out: it says nothing of a fast mode or a band by that. */
const unsaid = ({ fast, longPromptTokens, long }: PricePeriod): Pick<PriceRow, 'fast' | 'above'> => ({
  ...(fast !== undefined && { fast: toRates(fast) }),
  ...(Number.isFinite(longPromptTokens) && { above: { prompt_tokens: longPromptTokens, normal: toRates(long) } }),
});

function describe(found: readonly Candidate[], wanted: readonly Candidate[], { rates, skipped }: ImportedPrices, { out }: Terminal): void {
  for (const { model, isNew, row, differences } of found) {
    const isAdded = wanted.some((one) => one.model === model);
    out(
      `${isAdded ? '+' : ' '} ${model}${isNew ? '' : isAdded ? `: another price from ${row.from} on` : ': another price, not added without --changed'}`,
    );
    for (const { what, before, after } of differences) out(`    ${what}: ${before === undefined ? '' : `${before} -> `}${after ?? 'none'}`);
  }
  for (const { id, reason } of skipped) out(`? ${printable(id)}: left out, since ${reason}`);
  out(`${rates.size} models in the map, ${found.length} with another price than here, ${wanted.length} to add.`);
}

/** The text of the file with the rows; checked as it will be read. Throws `invalid` where a row of that day is there. */
function added(file: string, wanted: readonly Candidate[]): string {
  const text = existsSync(file) ? textOf(file) : undefined;
  const table = text === undefined ? {} : loadPriceTable(file);
  for (const { model, row } of wanted) {
    if (table[model]?.some(({ from }) => from === row.from) !== true) continue;
    throw new LedgerlineError('invalid', `${file} has a row of ${row.from} for ${model} already, and rows are never changed.`, {
      hint: 'Give another day in --from.',
    });
  }
  const result = withRows(text, new Map(wanted.map(({ model, row }) => [model, row])));
  parsePriceTable(result, file);
  return result;
}

async function confirm(count: number, file: string, { ask }: Terminal): Promise<void> {
  const question = `Add ${count === 1 ? '1 row' : `${count} rows`} to ${file}? Type yes: `;
  if (ask !== undefined && (await ask(question)).trim() === 'yes') return;
  throw new LedgerlineError('invalid', 'Nothing was changed.', { hint: 'Answer yes, or use --yes; --dry-run shows what would be added.' });
}

function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw new LedgerlineError('invalid', `${file} cannot be written.`, { cause, hint: 'Check that its folder exists and that you may write there.' });
  }
}
