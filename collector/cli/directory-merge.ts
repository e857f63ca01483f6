/** ledgerline directory merge and merges: names under which spend is booked, put together with their user. */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { mergeUsers } from '../app/merge.ts';
import { ROUTES } from '../catalog/names.ts';
import { HOUR_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { isNobody, type MergeOutcome } from '../query/personal-data.ts';
import { openLedgerReader, openLedgerWriter, readDirectory } from '../storage/open.ts';
import { type LedgerOptions, type SourceOptions, settings, tokenFileOf, withLedger, withSource } from './options.ts';
import { remoteCollector, writingCollector } from './source.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface MergeOptions extends SourceOptions {
  readonly dryRun?: boolean;
}

/** Of a large ledger. */
const MERGE_MS = HOUR_MS;

const EXAMPLES = `
What is booked on the alias is booked on the user afterwards, with budgets, alerts and messages; totals but theirs do not move. Later records under
the alias are booked on the user, too. A merge is recorded, and cannot be taken back. The collector may be running: then it does the work, and
--token-file names a file with an admin token where there are tokens.

Examples:
  ledgerline directory merge 0f8fad5b-d9cb-469f-a165-70867728950e ada@example.com --dry-run
  ledgerline directory merges`;

export const directoryMergeCommand = (terminal: Terminal): Command =>
  withSource(
    new Command('merge')
      .description('book what is under another name of a user on the user')
      .argument('<alias>', 'the name that goes')
      .argument('<user>', 'the user that it is'),
  )
    .option('--dry-run', 'show what would be changed')
    .addHelpText('after', EXAMPLES)
    .action((alias: string, user: string, options: MergeOptions) => merge(alias, user, options, terminal));

export const directoryMergesCommand = (terminal: Terminal): Command =>
  withLedger(new Command('merges').description('which names were merged, when and by whom')).action(async (options: LedgerOptions) => {
    const store = await readDirectory(settings(options, terminal));
    try {
      for (const { atMs, who, alias, user } of (await store.stored()).merges)
        terminal.out(`${new Date(atMs).toISOString()}  ${printable(alias)} is ${printable(user)}  by ${printable(who)}`);
    } finally {
      await store.close();
    }
  });

async function merge(alias: string, user: string, options: MergeOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const nobody = [alias, user].find(isNobody);
  if (nobody !== undefined)
    throw new LedgerlineError('invalid', `"${nobody}" is no user.`, { hint: 'Name users as `ledgerline report --by user` shows them.' });
  const isTrial = options.dryRun === true;
  const url = options.url ?? (await writingCollector(config));
  if (url !== undefined) {
    const ask = remoteCollector(url, tokenFileOf(options, terminal));
    const body = { alias, user, dry_run: isTrial };
    report(await ask<MergeOutcome>(ROUTES.merges, { method: 'POST', body, answerMs: MERGE_MS }), isTrial, terminal);
    return;
  }
  // Says where a ledger was looked for when there is none.
  await (await openLedgerReader(config)).close();
  const ledger = await openLedgerWriter(config);
  try {
    const who = `cli:${userInfo().username}`;
    report(await mergeUsers({ alias, user, isTrial, who }, { ledger, config, nowMs: terminal.now() }), isTrial, terminal);
  } finally {
    await ledger.close();
  }
}

function report(outcome: MergeOutcome, isTrial: boolean, { out }: Terminal): void {
  const { alias, user, combinations, values, sessions, budgets, alerts, messages } = outcome;
  out(`${isTrial ? 'Would merge' : 'Merged'} ${printable(alias)} into ${printable(user)}.`);
  out(`  ledger   ${combinations} combinations of dimensions, ${values} values, ${sessions} session ids`);
  out(`  others   ${budgets} entries of the journal of budgets, ${alerts} alerts, ${messages} messages`);
}
