/** The collector that is to do what only one can do. */
import { LedgerlineError } from '../core/error.ts';
import { type SourceOptions, settings } from './options.ts';
import { runningCollector } from './source.ts';
import type { Terminal } from './terminal.ts';

interface Work {
  /** As the subject of a sentence: "repricing". */
  readonly work: string;
  /** Behind the hint. */
  readonly otherwise?: string;
}

/** That of --url, or the one that runs on the ledger. Throws `unavailable` where there is none, or nobody knows where. */
export async function workingCollector(options: SourceOptions, terminal: Terminal, { work, otherwise = '' }: Work): Promise<string> {
  if (options.url !== undefined) return options.url;
  const config = settings(options, terminal);
  const url = await runningCollector(config);
  if (url !== undefined) return url;
  const refuse = (message: string, hint: string): LedgerlineError =>
    new LedgerlineError('unavailable', message, { hint: `${hint} ${otherwise}`.trim() });
  // Replicas do not say where they listen.
  if (config.storage.url !== undefined)
    throw refuse(`The collectors on a shared ledger are not looked for, and ${work} is the work of one.`, 'Name one with --url.');
  throw refuse(`No collector runs on this ledger, and ${work} is its work.`, 'Start it with `ledgerline serve`, or name another one with --url.');
}
