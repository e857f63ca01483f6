/** Imports a provider's records from the command line: with progress, Ctrl+C, and what changed. */
import { setTimeout } from 'node:timers/promises';
import { importWords } from '../app/import-words.ts';
import { storedDirectory } from '../app/stored-directory.ts';
import type { Config } from '../config/config.ts';
import { defaultImport, type ImportConfig, type ImportSource, isOfFiles } from '../config/imports.ts';
import { DAY_MESSAGE, isDay } from '../core/day.ts';
import { SECOND_MS } from '../core/duration.ts';
import { describeError, LedgerlineError } from '../core/error.ts';
import type { Wanted } from '../imports/days.ts';
import { nameOf } from '../imports/findings.ts';
import { ReadDays } from '../imports/history/statement-lines.ts';
import { type ImportSummary, type Progress, runImport } from '../imports/run.ts';
import { openSource } from '../imports/sources.ts';
import type { ImportWorld } from '../imports/world.ts';
import { openStatements } from '../storage/open.ts';
import { EXIT_ERROR, EXIT_INTERRUPTED } from './exit-codes.ts';
import { historyJson, historyLines } from './history-summary.ts';
import { type HistorySummary, historyLedger, importHistory } from './import-history.ts';
import { summaryJson, summaryLines } from './import-summary.ts';
import { type SourceOptions, settings } from './options.ts';
import type { Terminal } from './terminal.ts';

export interface ImportStatementsOptions extends SourceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly account?: string;
  readonly keyFile?: string;
  readonly acceptEmpty?: boolean;
  readonly path?: string;
  readonly dryRun?: boolean;
  readonly history?: boolean;
  readonly output?: 'table' | 'json';
}

export async function importStatements(source: ImportSource, options: ImportStatementsOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const wanted = wantedOf(options);
  const ledger = options.history === true ? await historyLedger(source, options, terminal) : undefined;
  const stop = new AbortController();
  // Days that are whole stay; a second Ctrl+C ends at once.
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  const store = await openStatements(config);
  try {
    const read = new ReadDays();
    const world = await worldOf(config, terminal, stop.signal);
    const summaries: ImportSummary[] = [];
    const { opened: sources, refusals } = openAll(entriesOf(source, options, config), world);
    for (const { account, opened } of sources) {
      if (stop.signal.aborted) break;
      const origin = { source, account };
      const onDay = progressOn(nameOf(origin), terminal);
      const shared = { now: terminal.now, signal: stop.signal, isTrial: options.dryRun === true, acceptsEmpty: options.acceptEmpty === true };
      summaries.push(
        await runImport({ origin, source: opened, store: ledger === undefined ? store : read.watching(store), wanted, onDay, ...shared }),
      );
      terminal.status?.('');
    }
    const isBooking = ledger !== undefined && !stop.signal.aborted;
    const booking = { source, config, store, read, options, terminal, signal: stop.signal };
    report(summaries, isBooking ? await importHistory({ ...booking, ledger }) : undefined, options, terminal);
    for (const refusal of refusals) terminal.err(describeError(refusal));
    if (refusals.length > 0 && !stop.signal.aborted) process.exitCode = EXIT_ERROR;
  } finally {
    await store.close();
    process.removeListener('SIGINT', onSignal);
  }
}

interface OpenedAccount {
  readonly account: string;
  readonly opened: ReturnType<typeof openSource>;
}

/** An account without a key keeps no other from being read. Throws where there is only one. */
function openAll(entries: readonly ImportConfig[], world: ImportWorld): { opened: OpenedAccount[]; refusals: LedgerlineError[] } {
  const opened: OpenedAccount[] = [];
  const refusals: LedgerlineError[] = [];
  for (const entry of entries) {
    const account = entry.account ?? '';
    try {
      opened.push({ account, opened: openSource(entry, world) });
    } catch (cause) {
      if (!(cause instanceof LedgerlineError) || entries.length === 1) throw cause;
      const { code, message, hint } = cause;
      refusals.push(new LedgerlineError(code, `${nameOf({ source: entry.source, account })}: ${message}`, { cause, hint }));
    }
  }
  return { opened, refusals };
}

/** What the configuration has for the source, else the source with nothing but its defaults. */
function entriesOf(source: ImportSource, { account, keyFile, path }: ImportStatementsOptions, { imports }: Config): readonly ImportConfig[] {
  const configured = imports.filter((entry) => entry.source === source);
  const entries = configured.length === 0 && account === undefined ? [defaultImport(source)] : configured;
  const chosen = account === undefined ? entries : entries.filter((entry) => (entry.account ?? '') === account);
  if (chosen.length === 0) {
    const names = configured.flatMap((entry) => entry.account ?? []);
    throw new LedgerlineError('not_found', `The configuration has no account ${account} for ${source}.`, {
      hint: names.length === 0 ? 'Name it in imports: of ledgerline.yaml; see docs/imports.md.' : `There are: ${names.join(', ')}.`,
    });
  }
  // With those of another organization, its days would be replaced.
  if (chosen.length > 1 && (keyFile ?? path) !== undefined) {
    const names = chosen.map((entry) => `--account ${entry.account ?? '""'}`);
    throw new LedgerlineError(
      'invalid',
      `${keyFile === undefined ? '--path' : '--key-file'} is of one account, and ${source} has ${chosen.length}.`,
      {
        hint: `Say which one: ${names.join(', ')}.`,
      },
    );
  }
  return chosen.map((entry) => (isOfFiles(entry) ? { ...entry, path: path ?? entry.path } : { ...entry, key_file: keyFile ?? entry.key_file }));
}

function wantedOf({ from, to }: ImportStatementsOptions): Wanted {
  for (const [name, day] of Object.entries({ from, to })) {
    if (day !== undefined && !isDay(day)) throw new LedgerlineError('invalid', `--${name} ${DAY_MESSAGE}.`, { hint: 'Days are in UTC.' });
  }
  return { from, to };
}

async function worldOf(config: Config, { env, now }: Terminal, signal: AbortSignal): Promise<ImportWorld> {
  const pause = async (ms: number): Promise<void> => void (await setTimeout(ms, undefined, { signal }));
  return { ...importWords(config, await storedDirectory(config)), env, fetch, pause, now, signal };
}

/** Where standard error is no terminal, a line every so often. */
const SAID_EVERY_MS = 10 * SECOND_MS;

function progressOn(name: string, { status, err, now }: Terminal): (progress: Progress) => void {
  let saidMs = now();
  return ({ day, done, of }) => {
    const line = `${name}: ${day}, ${done} of ${of} days`;
    if (status !== undefined) return status(line);
    if (now() - saidMs < SAID_EVERY_MS) return;
    saidMs = now();
    err(line);
  };
}

function report(
  summaries: readonly ImportSummary[],
  history: HistorySummary | undefined,
  { output }: ImportStatementsOptions,
  terminal: Terminal,
): void {
  const imports = summaries.map(summaryJson);
  if (output === 'json') terminal.out(JSON.stringify(history === undefined ? imports : { imports, history: historyJson(history) }, null, 2));
  else for (const line of [...summaries.flatMap(summaryLines), ...(history === undefined ? [] : historyLines(history))]) terminal.out(line);
  for (const { error, failed } of summaries) {
    if (error !== undefined) terminal.err(describeError(error));
    else for (const hint of new Set(failed.map(({ error: why }) => why.hint))) if (hint !== '') terminal.err(hint);
  }
  if (history?.isStopped === true || summaries.some(({ outcome }) => outcome === 'stopped')) process.exitCode = EXIT_INTERRUPTED;
  else if (summaries.some(({ outcome }) => outcome === 'failed')) process.exitCode = EXIT_ERROR;
}
