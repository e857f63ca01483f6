/** ledgerline prices show: one model, through time, with where each price comes from. */
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';
import { normalizeModel } from '../ingest/claude-code/model-names.ts';
import { fallbackWords, type LearntModel, type LearntModels } from '../pricing/learn/learnt-file.ts';
import { builtIn } from '../pricing/load.ts';
import type { FactorRow } from '../pricing/modifiers.ts';
import type { Circumstances, PriceBook } from '../pricing/price-book.ts';
import { retirements } from '../pricing/retirements.ts';
import { settings, withLedger } from './options.ts';
import { type PlaceOptions, withPlace } from './prices-list.ts';
import { dayOf, RATE_COLUMNS, rateRows, shownDay } from './prices-rates.ts';
import { printView, terminalFor } from './reading-command.ts';
import { withOutput } from './reading-options.ts';
import { storedLearnt, storedPrices } from './stored-prices.ts';
import type { Terminal } from './terminal.ts';
import type { Row, Section } from './view.ts';

const EXAMPLES = `
USD per million tokens. The history is without factors; what holds on the day of --at has those of --provider and --region, and beside
it what you agreed on. Any spelling of a model will do, also an alias of the configuration.

Examples:
  ledgerline prices show claude-opus-5-5
  ledgerline prices show us.anthropic.claude-opus-5-5-v1:0
  ledgerline prices show claude-sonnet-5-5 --provider vertex --region europe-west1 --at 2026-11-01`;

export const pricesShowCommand = (terminal: Terminal): Command =>
  withOutput(
    withLedger(
      withPlace(new Command('show').description('one model: its prices through time, and what is behind them').argument('<model>', 'its name or id')),
    ),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (raw: string, options: PlaceOptions, command: Command) => {
      const config = settings(options, terminal);
      const prices = await storedPrices(config);
      const named = normalizeModel(raw, config.models.aliases);
      const learnt = await storedLearnt(config);
      const model = knownModel(named.model, prices, learnt);
      const evidence = prices.history(model).some(({ origin }) => origin === 'learnt') ? evidenceRows(learnt[model]) : [];
      const atMs = dayOf(options.at ?? 'today', '--at', terminal.now());
      const place = { provider: options.provider, region: options.region ?? named.region };
      const history = historyRows(model, prices);
      const tariff = prices.tariffs(model, place).findLast(({ fromMs }) => fromMs <= atMs);
      const [list, contracted] = tariff === undefined ? [[], []] : [rateRows(tariff.list), rateRows(tariff.contracted)];
      const factors = builtIn().modifiers.factors.filter(({ except_models }) => except_models?.includes(model) !== true);
      const view = {
        headline: headline(model),
        sections: [
          {
            title: 'History, without factors',
            columns: [{ field: 'from' }, ...RATE_COLUMNS, { field: 'origin', priority: 5 }, { field: 'source', priority: 4 }],
            rows: history,
          },
          ratesSection(`List price on ${shownDay(atMs)}${placeWords(place)}`, list),
          ratesSection('What you agreed on', contracted),
          factorSection(factors),
          ...(evidence.length === 0 ? [] : [evidenceSection(evidence)]),
        ],
        notes: termNotes(config),
      };
      printView(
        view,
        { model, at: shownDay(atMs), retired: retirements().get(model) ?? null, history, list, contracted, factors },
        options,
        terminalFor(options, command, terminal),
      );
    });

function knownModel(model: string, { models }: PriceBook, learnt: LearntModels): string {
  if (models.includes(model)) return model;
  const nearest = suggest(model, models);
  const fallback = learnt[model]?.fallback;
  const charged = fallback === undefined ? '' : ` ${fallbackWords(fallback)}`;
  throw new LedgerlineError(
    'not_found',
    `${model.slice(0, 80)} has no price${nearest === undefined ? '.' : `; did you mean ${nearest}?`}${charged}`,
    {
      hint: 'Add it to your own price file (docs/prices.md), or look for it with `ledgerline prices import litellm FILE`.',
    },
  );
}

function headline(model: string): string {
  const retired = retirements().get(model);
  return retired === undefined ? model : `${model}, on the Claude API until ${retired.on}; its price holds after it`;
}

const placeWords = ({ provider, region }: Circumstances): string =>
  [provider, region].flatMap((word) => (word === undefined ? [] : [`, ${word}`])).join('');

const historyRows = (model: string, prices: PriceBook): readonly Row[] =>
  prices.history(model).flatMap((period) => {
    const about = { from: shownDay(period.fromMs), origin: period.origin.replace('_', ' '), source: period.source ?? null };
    return rateRows(wholePrice(period)).map((rates) => ({ ...about, ...rates }));
  });

/** Rates of a table, over the denominator 1. */
function wholePrice({ normal, fast, long, longPromptTokens }: ReturnType<PriceBook['history']>[number]) {
  const whole = (rates: typeof normal) => ({
    rates,
    exact: {
      ...{ input: BigInt(rates.input), output: BigInt(rates.output), cacheRead: BigInt(rates.cacheRead) },
      ...{ cacheWrite5m: BigInt(rates.cacheWrite5m), cacheWrite1h: BigInt(rates.cacheWrite1h) },
    },
  });
  return { denominator: 1, normal: whole(normal), fast: fast && whole(fast), long: whole(long), longPromptTokens };
}

const evidenceRows = (learnt: LearntModel | undefined): readonly Row[] =>
  (['normal', 'fast'] as const).flatMap((mode) =>
    (learnt?.[mode] ?? []).map(({ from, requests, others, client_versions, first, last, assumed }) => ({
      ...{ from, mode, requests, others, first: first.slice(0, 10), last: last.slice(0, 10) },
      ...{ versions: client_versions.join(' '), assumed: assumed.map(classWords).join(', ') },
    })),
  );

const classWords = (name: string): string => (name === 'cacheWrite5m' ? 'write 5 m' : 'write 1 h');

const evidenceSection = (rows: readonly Row[]): Section => ({
  title: 'Learnt from what clients charged, while no table has the model',
  columns: [
    { field: 'from' },
    { field: 'mode', priority: 6 },
    { field: 'requests', title: 'requests that agree', align: 'right' },
    { field: 'others', align: 'right', title: 'not' },
    { field: 'first', priority: 4 },
    { field: 'last', priority: 3 },
    { field: 'versions', title: 'Claude Code', priority: 2 },
    { field: 'assumed', title: 'not seen, assumed', priority: 5 },
  ],
  rows,
});

const ratesSection = (title: string, rows: readonly Row[]): Section => ({ title, columns: RATE_COLUMNS, rows, empty: 'Nothing.' });

const factorSection = (factors: readonly FactorRow[]): Section => ({
  title: 'Factors that may apply',
  columns: [
    { field: 'factor' },
    { field: 'times', align: 'right' },
    { field: 'from' },
    { field: 'where', priority: 2 },
    { field: 'source', priority: 4 },
  ],
  rows: factors.map((row) => ({
    factor: row.name.replaceAll('_', ' '),
    times: row.times,
    from: row.from,
    where: whereWords(row),
    source: row.source,
  })),
});

function whereWords({ providers, regions, except_regions, inference_geos, batch }: FactorRow): string {
  const words = (names: readonly string[]): string => names.map((name) => (name === '' ? 'none' : name)).join(' ');
  return [
    ...(providers === undefined ? [] : [words(providers)]),
    ...(regions === undefined ? [] : [`regions ${words(regions)}`]),
    ...(except_regions === undefined ? [] : [`regions but ${words(except_regions)}`]),
    ...(inference_geos === undefined ? [] : [`inference in ${words(inference_geos)}`]),
    ...(batch === undefined ? [] : ['batches']),
  ].join('; ');
}

function termNotes({ prices: { discounts, capacity, overrides } }: Config): string[] {
  const count = discounts.length + capacity.length + overrides.length;
  return count === 0 ? ['Nothing is agreed in `prices` of the configuration: contracted prices are list prices.'] : [];
}
