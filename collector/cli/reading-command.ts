/**
 * A command that reads is made from a question of the query layer and a view of its answer:
 *
 *   readingCommand(terminal, {
 *     name: 'breakdown',
 *     description: 'what a dimension is made of',
 *     examples: `Examples:\n  ledgerline breakdown --by user`,
 *     question: BREAKDOWN,
 *     period: 'this_month',                                      // where no option says another time range
 *     options: (command) => command.option('--by <dimension>', '…', 'team'),
 *     parameters: ({ options, parameters }) => { parameters.set('by', options.by); },
 *     view: (answer, { nowMs }) => ({ headline, sections: [{ columns: [{ field: 'team' }, { field: 'cost_usd' }], rows: answer.rows }], notes: [ageNote(answer, nowMs)] }),
 *     exitCode: (answer) => (answer.over ? EXIT_CONDITION : EXIT_OK),
 *   });
 *
 * It then has: -o table|json|csv, -j/--json, --csv, --fields, --out-file, --compact, --color, -q; --period, -s/--since, -u/--until, --from,
 * --to, --last, --window, -z/--timezone; --where; --config, --data, --demo, --url, --token-file. `parameters` arrives with time range, zone and filters set
 * (`shared` says which of them the command does not have). JSON is the answer of REST, unless --fields picks from the rows of the first section; CSV is
 * those rows. A column is `{ field }`: title, alignment and format follow from the field (view.ts); `priority` says what a narrow terminal leaves out first
 * (the highest), `cut` where a name is shortened. Hints of the answer go to standard error; one with a nearest name makes the exit code 2.
 */
import { Command } from 'commander';
import { z } from 'zod';
import { hintSchema } from '../query/answer-schemas.ts';
import type { Question } from '../query/question.ts';
import { EXIT_CONDITION, EXIT_ERROR, EXIT_INTERRUPTED, type EXIT_OK } from './exit-codes.ts';
import { drawLive } from './live.ts';
import { withSource } from './options.ts';
import { writeOut } from './output.ts';
import { withProgress } from './progress.ts';
import {
  type LastUnit,
  type OutputFormat,
  type OutputOptions,
  outputFormat,
  type ReadingOptions,
  type TimeOptions,
  timeParameters,
  withOutput,
  withTime,
  withWhere,
} from './reading-options.ts';
import { openSource } from './source.ts';
import type { Source } from './source-contract.ts';
import { printable, withThousands } from './table.ts';
import { type Terminal, wantsColor } from './terminal.ts';
import { compacted, type View, viewCsv, viewJson, viewLines, withFields } from './view.ts';

export interface Request<Options> {
  readonly options: Options;
  /** Arguments that stand without an option. */
  readonly words: readonly string[];
  /** Set from the shared options; a command adds its own. */
  readonly parameters: URLSearchParams;
}

export interface ViewContext<Options> extends Request<Options> {
  readonly nowMs: number;
  readonly terminal: Terminal;
}

export interface TimeRequest {
  readonly options: TimeOptions;
  /** What --last counts. Default: days. */
  readonly lastUnit?: LastUnit | undefined;
}

export interface Reading<Options extends ReadingOptions, Asked, Answer> {
  readonly name: string;
  readonly description: string;
  /** Below the options in --help. */
  readonly examples: string;
  readonly question: Question<Asked, Answer>;
  /** The time range where no option says one; without it none. */
  readonly period?: string;
  readonly lastUnit?: LastUnit;
  /** In the help of --last, where it is no unit of time. */
  readonly lastWord?: string;
  /** Shared options that the command does not have. */
  readonly shared?: { readonly time?: false; readonly where?: false };
  /** Options and arguments of its own. They come before the shared ones. */
  readonly options?: (command: Command) => Command;
  /** Reads options of time otherwise than as they are. */
  readonly time?: (request: Pick<Request<Options>, 'options' | 'words'>) => TimeRequest;
  /** Adds to the parameters, and may change them. */
  readonly parameters?: (request: Request<Options>) => void;
  /** What stands in the path of the question in braces. */
  readonly path?: (request: Request<Options>) => Readonly<Record<string, string>>;
  readonly view: (answer: Answer, context: ViewContext<Options>) => View;
  /** Said on standard error, whatever is printed. */
  readonly remarks?: (answer: Answer, request: Request<Options>) => readonly string[];
  /** What -o json prints, where it is not the answer of REST. */
  readonly json?: (answer: Answer, context: ViewContext<Options>) => unknown;
  /** Values of -o, where they are more than the formats. */
  readonly outputs?: readonly string[];
  /** How often it is drawn again on a terminal, in milliseconds; undefined: once. */
  readonly every?: (options: Options) => number | undefined;
  readonly exitCode?: (answer: Answer, options: Options) => typeof EXIT_OK | typeof EXIT_CONDITION;
}

export function readingCommand<Options extends ReadingOptions, Asked, Answer>(terminal: Terminal, reading: Reading<Options, Asked, Answer>): Command {
  const { shared = {}, lastUnit } = reading;
  const own =
    reading.options?.(new Command(reading.name).description(reading.description)) ?? new Command(reading.name).description(reading.description);
  const timed = shared.time === false ? own : withTime(own, reading.lastWord ?? `${lastUnit ?? 'day'}s, the current one included`);
  const filtered = shared.where === false ? timed : withWhere(timed);
  return withSource(withOutput(filtered, reading.outputs))
    .addHelpText('after', `\n${reading.examples.trim()}`)
    .action(async (...given: unknown[]) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) return;
      await read(reading, command, terminal);
    });
}

/** What the command does; for one that also does something else. */
export async function read<Options extends ReadingOptions, Asked, Answer>(
  reading: Reading<Options, Asked, Answer>,
  command: Command,
  outer: Terminal,
): Promise<void> {
  // Options of a command around it are read there, wherever they stand.
  const options = command.optsWithGlobals<Options>();
  const terminal = terminalFor(options, command, outer);
  const format = outputFormat(options);
  const words = command.args;
  const time = reading.time?.({ options, words }) ?? { options, lastUnit: reading.lastUnit };
  const parameters = timeParameters(time.options, { lastUnit: time.lastUnit, fallback: reading.period });
  for (const filter of options.where ?? []) parameters.append('where', filter);
  const request: Request<Options> = { options, words, parameters };
  reading.parameters?.(request);
  const everyMs = format === 'table' && options.outFile === undefined ? reading.every?.(options) : undefined;
  const source = await openSource(options, terminal);
  try {
    const text = (to: Terminal) =>
      interruptible(async () => answerText(reading, request, await ask(reading, request, { source, terminal: to }), { format, terminal: to }));
    const { screen } = terminal;
    if (everyMs === undefined || screen === undefined) writeOut(await text(terminal), options.outFile, terminal);
    else await drawLive(screen, { everyMs, frame: () => text(silent(terminal)) });
  } finally {
    await source.close();
  }
}

/** Nothing may be written between two drawings. */
const silent = (terminal: Terminal): Terminal => ({ ...terminal, err: () => undefined, status: () => undefined });

interface Asking {
  readonly source: Source;
  readonly terminal: Terminal;
}

const ask = <Options extends ReadingOptions, Asked, Answer>(
  { question, path }: Reading<Options, Asked, Answer>,
  request: Request<Options>,
  { source, terminal }: Asking,
): Promise<Answer> => withProgress(terminal, 'Reading', source.ask(question, request.parameters, path?.(request)));

/** Also says beside it what is to be said, and sets the exit code. */
function answerText<Options extends ReadingOptions, Asked, Answer>(
  reading: Reading<Options, Asked, Answer>,
  request: Request<Options>,
  answer: Answer,
  { format, terminal }: { readonly format: OutputFormat; readonly terminal: Terminal },
): string {
  noteHints(answer, terminal);
  for (const remark of reading.remarks?.(answer, request) ?? []) terminal.err(remark);
  const { options } = request;
  const context = { ...request, nowMs: terminal.now(), terminal };
  const view = withFields(reading.view(answer, context), options.fields);
  const json = (): unknown => (options.fields === undefined ? (reading.json?.(answer, context) ?? answer) : viewJson(view));
  if (reading.exitCode?.(answer, options) === EXIT_CONDITION) process.exitCode = EXIT_CONDITION;
  return render({ view, json }, format, options, terminal);
}

/** Nothing of the shape of the terminal matters in a file; --quiet silences notes alone, not errors. */
export function terminalFor({ color, quiet, outFile }: OutputOptions, command: Command, terminal: Terminal): Terminal {
  const asked = command.getOptionValueSource('color') === 'cli' ? color : undefined;
  return {
    ...terminal,
    color: asked ?? (outFile === undefined ? terminal.color : wantsColor(terminal.env, false)),
    columns: outFile === undefined ? terminal.columns : undefined,
    ...(quiet === true && { err: () => undefined, status: () => undefined }),
  };
}

/** Prints an answer as the options want it, for a command that is no Reading. `terminal` is that of terminalFor. */
export function printView(asked: View, answer: unknown, options: OutputOptions, terminal: Terminal): void {
  const view = withFields(asked, options.fields);
  const json = (): unknown => (options.fields === undefined ? answer : viewJson(view));
  writeOut(render({ view, json }, outputFormat(options), options, terminal), options.outFile, terminal);
}

interface Rendered {
  readonly view: View;
  readonly json: () => unknown;
}

function render({ view, json }: Rendered, format: OutputFormat, { compact }: OutputOptions, terminal: Terminal): string {
  if (format === 'csv') return viewCsv(view);
  if (format === 'json') return JSON.stringify(json(), null, compact === true ? undefined : 2);
  return viewLines(compact === true ? compacted(view) : view, terminal).join('\n');
}

const hintedSchema = z.object({ hints: z.array(hintSchema) });

/** A name that nothing has and another is near to is most likely a mistake: the answer is there, and the exit code says that it may be the wrong one. */
function noteHints(answer: unknown, terminal: Terminal): void {
  const { hints } = hintedSchema.safeParse(answer).data ?? { hints: [] };
  for (const { message } of hints) terminal.err(printable(message));
  if (hints.some(({ nearest }) => nearest !== null)) process.exitCode = EXIT_ERROR;
}

/** Ends with the exit code of Ctrl+C while the work lasts. */
export async function interruptible<Result>(work: () => Promise<Result>): Promise<Result> {
  const leave = (): never => process.exit(EXIT_INTERRUPTED);
  process.once('SIGINT', leave);
  try {
    return await work();
  } finally {
    process.removeListener('SIGINT', leave);
  }
}

interface Aged {
  readonly as_of: string | null;
}

/** How old the figures are, as the last line says it. */
export function ageNote({ as_of }: Aged, nowMs: number, more = ''): string {
  if (as_of === null) return 'The ledger is empty.';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(as_of)) / 1000));
  return `As of ${as_of} (${withThousands(seconds)} s ago).${more === '' ? '' : ` ${more}`} Costs are the clients' own estimates.`;
}

/** Why there are no rows. `what` is in the plural or cannot be counted: "spend". */
export function whyEmpty(answer: Aged & { readonly hints?: readonly unknown[] }, what: string, parameters: URLSearchParams): string {
  if (answer.as_of === null) return 'The ledger is empty: no telemetry has arrived yet. `ledgerline doctor` shows why.';
  if ((answer.hints ?? []).length > 0) return `No ${what}: no record has what --where asks for.`;
  return parameters.has('where') ? `No ${what} in this time range that --where lets through.` : `No ${what} in this time range.`;
}
