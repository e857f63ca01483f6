/** ledgerline storage copy: moves an embedded ledger to PostgreSQL while telemetry keeps arriving. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CONFIG_FILE } from '../config/load.ts';
import { LedgerlineError } from '../core/error.ts';
import { copyToDatabase } from '../storage/open.ts';
import { settings } from './options.ts';
import type { Terminal } from './terminal.ts';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly passwordFile?: string;
  readonly config?: string;
}

const HELP = `
The database has to be empty, or hold a copy from the same folder that was broken off: then it goes on where it was. The collector on the
folder goes on meanwhile. What it writes is copied in further passes, and once a pass was made the command says that it is time to stop the
collector; clients keep what they cannot send for some minutes. Then the rest is copied, and both are compared: all measures by month and by each
dimension, every session, counters, closed months; and the copy is checked as by \`ledgerline check\`. The source is only read.

Until all is the same, no collector starts on the database. Exit code 0 when the copy is the same ledger, 1 when a figure differs, which is
named, 2 when it cannot be copied.

--config names the configuration of the collector: its time zone and start of the week, and TLS and password of storage.

Examples:
  ledgerline storage copy --from sqlite:ledgerline-data --to postgres://ledgerline@127.0.0.1/ledgerline
  ledgerline storage copy --from sqlite:/var/lib/ledgerline --to postgres://ledgerline@db.example.com/ledgerline \\
    --password-file /etc/ledgerline/db.password --config /etc/ledgerline/ledgerline.yaml`;

export const copyCommand = (terminal: Terminal): Command =>
  new Command('copy')
    .description('copy the ledger of a data folder to PostgreSQL while telemetry keeps arriving')
    .requiredOption('--from <ledger>', 'where it is: sqlite:FOLDER')
    .requiredOption('--to <url>', 'an empty database: postgres://user@host:5432/database')
    .option('--password-file <file>', 'file with the password of the user')
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .addHelpText('after', HELP)
    .action((options: CopyOptions) => copy(options, terminal));

async function copy({ from, to, passwordFile, ...options }: CopyOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const folder = folderOf(from);
  let isAsked = false;
  const { differences, differencesMore } = await copyToDatabase(config, {
    ...{ folder, url: to, passwordFile },
    say: (text) => terminal.status?.(text),
    onPass: () => {
      terminal.status?.('');
      if (!isAsked) terminal.out(`Copied what there was. Stop the collector on ${folder} now: the rest is copied then, and compared.`);
      isAsked = true;
    },
  });
  terminal.status?.('');
  for (const difference of differences) terminal.out(difference);
  if (differencesMore > 0) terminal.out(`${differencesMore} more differences are not listed.`);
  if (differences.length > 0) {
    process.exitCode = 1;
    terminal.out('The copy is not the same ledger, and no collector starts on it. The source was only read: start its collector again.');
    return;
  }
  terminal.out(`Every figure is the same. Set storage.url to ${to} and start the collectors; keep ${folder} as a backup, and start none on it.`);
}

function folderOf(from: string): string {
  const [, folder] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(from) ?? [];
  if (folder !== undefined) return resolve(folder);
  throw new LedgerlineError('invalid', `--from is "${from}", which is not sqlite:FOLDER.`, {
    hint: 'A ledger is copied out of a data folder to PostgreSQL, such as --from sqlite:/var/lib/ledgerline.',
  });
}
