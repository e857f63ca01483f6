/** ledgerline prices reprice: what requests of the past cost at the prices of today's book, shown by model and team, and booked with --apply. */
import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { ROUTES } from '../catalog/names.ts';
import { LedgerlineError } from '../core/error.ts';
import type { RepricingOutcomeAnswer, RepricingsAnswer } from '../query/repricing-answers.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type SourceOptions, tokenFileOf, withSource } from './options.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, withOutput } from './reading-options.ts';
import { remoteCollector } from './source.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Section, ViewColumn } from './view.ts';
import { workingCollector } from './working-collector.ts';

interface RepriceOptions extends SourceOptions, OutputOptions {
  readonly from?: string;
  readonly to?: string;
  readonly model?: readonly string[];
  readonly apply?: boolean;
  readonly history?: boolean;
}

type Ask = ReturnType<typeof remoteCollector>;
type State = NonNullable<RepricingsAnswer['current']>;

const POLL_MS = 400;

const EXAMPLES = `
A collector must be running: it does the work beside what it receives, at the prices of its files and configuration. Each request is priced
at its own date. What differs from what is booked is shown by model and team; --apply books it as adjustments. Entries stay as they
came, closed months stay as they are, and once more changes nothing. Ctrl-C breaks it off: what was booked stays, and the next run goes on.

Examples:
  ledgerline prices reprice                                    shows what would change
  ledgerline prices reprice --from 2026-10-01 --model claude-opus-5-5 --apply
  ledgerline prices reprice --history`;

const collect = (name: string, before: readonly string[] = []): readonly string[] => [...before, name];

export const pricesRepriceCommand = (terminal: Terminal): Command =>
  withOutput(withSource(new Command('reprice').description('price requests of the past again, and book what differs')))
    .option('--from <day>', 'first day (default: since the beginning)')
    .option('--to <day>', 'exclusive (default: now)')
    .option('--model <model>', 'of this model alone; repeatable', collect)
    .option('--apply', 'book what differs')
    .option('--history', 'list the repricings that were applied')
    .addHelpText('after', EXAMPLES)
    .action(async (options: RepriceOptions, command: Command) => {
      const shown = terminalFor(options, command, terminal);
      const ask = remoteCollector(await workingCollector(options, terminal, { work: 'repricing' }), tokenFileOf(options, terminal));
      if (options.history === true) return showHistory(await ask<RepricingsAnswer>(ROUTES.repricings), options, shown);
      const state = await run(ask, options, shown);
      show(state, options, shown);
    });

/** Begins one, and waits for its end. */
async function run(ask: Ask, { from, to, model: models, apply = false }: RepriceOptions, terminal: Terminal): Promise<State> {
  const body = { ...(from !== undefined && { from }), ...(to !== undefined && { to }), ...(models !== undefined && { models }), apply };
  let answer = await ask<RepricingsAnswer>(ROUTES.repricings, { method: 'POST', body });
  let isLeaving = false;
  const leave = (): void => {
    isLeaving = true;
    terminal.status?.('');
    terminal.err('Breaking off.');
  };
  process.once('SIGINT', leave);
  try {
    while (answer.current?.running === true) {
      terminal.status?.(`${withThousands(answer.current.entries)} of ${withThousands(answer.current.of)} entries …`);
      await setTimeout(POLL_MS);
      answer = await ask<RepricingsAnswer>(ROUTES.repricings, isLeaving ? { method: 'DELETE' } : {});
    }
  } finally {
    terminal.status?.('');
    process.removeListener('SIGINT', leave);
  }
  const { current } = answer;
  if (current !== null && current.failure === null) return current;
  throw new LedgerlineError('unavailable', `The repricing ended: ${current?.failure ?? 'the collector was started again'}`, {
    hint: 'Run it again: it goes on from there.',
  });
}

const right = { align: 'right' as const };
const COLUMNS: readonly ViewColumn[] = [
  ...[{ field: 'model' }, { field: 'team' }],
  ...['list_usd', 'contracted_usd', 'uncertain_usd', 'cost_usd', 'unpriced_tokens'].map((field) => ({ field, ...right })),
];

function show(state: State, options: RepriceOptions, terminal: Terminal): void {
  const { outcome } = state;
  const section: Section = { columns: COLUMNS, rows: outcome?.changes ?? [], empty: 'Nothing differs: everything is booked at these prices.' };
  printView({ headline: headlineOf(state), sections: [section], notes: outcome === null ? [] : notesOf(outcome) }, state, options, terminal);
  if (outcome?.is_whole === false) process.exitCode = EXIT_CONDITION;
}

function headlineOf({ applied, outcome }: State): string {
  const { corrections = 0, entries = 0, is_whole = true } = outcome ?? {};
  const counted = `${withThousands(corrections)} ${corrections === 1 ? 'adjustment' : 'adjustments'} after ${withThousands(entries)} entries`;
  if (!is_whole) return `Broken off: ${counted}${applied ? ' were booked. Run it again to go on.' : '.'}`;
  return applied ? `Booked ${counted}.` : `Would book ${counted}. Nothing was changed; --apply books it.`;
}

function notesOf({ cannot: { sessions, list_usd, unpriced_tokens } }: RepricingOutcomeAnswer): string[] {
  if (sessions === 0) return [];
  const tokens = unpriced_tokens === 0 ? '' : ` and ${withThousands(unpriced_tokens)} unpriced tokens`;
  return [
    `Entries of ${withThousands(sessions)} sessions were removed because of their age: ${list_usd} USD of list price${tokens} stay as they are.`,
  ];
}

function showHistory({ applied }: RepricingsAnswer, options: RepriceOptions, terminal: Terminal): void {
  const rows = applied.map(({ id, started, ended, who, book, from, to, models, outcome }) => ({
    ...{ id, started, ended, who, book, from, to, models: models?.join(' ') ?? null },
    ...{ corrections: outcome?.corrections ?? null, whole: outcome?.is_whole ?? false },
  }));
  const columns = ['id', 'started', 'ended', 'who', 'book', 'from', 'to', 'models', 'corrections', 'whole'].map((field) => ({ field }));
  printView({ sections: [{ columns, rows, empty: 'Nothing was repriced yet.' }] }, { applied }, options, terminal);
}
