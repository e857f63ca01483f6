/** ledgerline storage copy: moves a ledger from files to PostgreSQL, or back, while telemetry keeps arriving. */
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { CONFIG_FILE } from '../config/load.ts';
import { LedgerlineError } from '../core/error.ts';
import { copyToDatabase, copyToDataFolder } from '../storage/open.ts';
import { settings } from './options.ts';
import { CopyProgress } from './storage-copy-progress.ts';
import type { Terminal } from './terminal.ts';

interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly passwordFile?: string;
  readonly config?: string;
}

const HELP = `
One of both is a data folder, the other a database. The target has to be empty, or hold a copy from the same source that was broken off: then it
goes on where it was. Of two runs to one database the one that began last goes on. The collectors of the source go on meanwhile. What they write
is copied in further passes; once one takes no more than a minute, or is not much shorter than the one before, the command says that it is time
to stop them. It goes on by itself when nobody writes at the source any more: if none runs, at once. Then no collector can start there until the
rest is copied, and both are compared: all measures by month and by each dimension, every session with its entries, counters, closed months,
values that are kept apart, erased names, the rows of budgets, alerts, statements and the directory; and the copy is checked as by \`ledgerline
check\`. Nothing is changed at the source.

Until all is the same, no collector starts on the target: a database says so, and in a folder the copy lies in unfinished-copy. Exit code 0 when
the copy is the same ledger, 1 when a figure differs, which is named, 2 when it cannot be copied. After a difference the next run has to begin
anew: empty the database, or remove unfinished-copy.

Of a database all collectors have to be stopped, readers and workers, too. One that was killed counts as running for a minute.

--config names the configuration of the collectors: their time zone and start of the week, and TLS and password of storage.

Examples:
  ledgerline storage copy --from sqlite:ledgerline-data --to postgres://ledgerline@127.0.0.1/ledgerline
  ledgerline storage copy --from sqlite:/var/lib/ledgerline --to postgres://ledgerline@db.example.com/ledgerline \\
    --password-file /etc/ledgerline/db.password --config /etc/ledgerline/ledgerline.yaml
  ledgerline storage copy --from postgres://ledgerline@127.0.0.1/ledgerline --to sqlite:ledgerline-data`;

export const copyCommand = (terminal: Terminal): Command =>
  new Command('copy')
    .description('copy the ledger of a data folder to PostgreSQL, or back, while telemetry keeps arriving')
    .requiredOption('--from <ledger>', 'where it is: sqlite:FOLDER, or postgres://user@host:5432/database')
    .requiredOption('--to <ledger>', 'an empty one of the other kind')
    .option('--password-file <file>', 'file with the password of the user')
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .addHelpText('after', HELP)
    .action((options: CopyOptions) => copy(options, terminal));

/** What is said of a way: from files, or to them. */
interface Way {
  readonly folder: string;
  readonly url: string;
  readonly copy: typeof copyToDatabase;
  readonly stop: string;
  readonly next: string;
  /** What makes the next run begin anew. */
  readonly again: string;
}

async function copy({ from, to, passwordFile, ...options }: CopyOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const { folder, url, stop, next, again, copy: run } = wayOf(from, to);
  const progress = new CopyProgress(terminal, stop);
  const { differences, differencesMore } = await run(config, {
    ...{ folder, url, passwordFile },
    say: (text) => progress.say(text),
    onPass: (changed, tookMs) => progress.pass(changed, tookMs),
    onLast: () => progress.last(),
  });
  progress.clear();
  for (const difference of differences) terminal.out(difference);
  if (differencesMore > 0) terminal.out(`${differencesMore} more differences are not listed.`);
  if (differences.length > 0) {
    process.exitCode = 1;
    terminal.out('The copy is not the same ledger, and no collector starts on it. The source was not changed: start its collectors again.');
    terminal.out(`What differs stays so when the command goes on with this copy: ${again} before you run it again.`);
    return;
  }
  terminal.out(`Every figure is the same. ${next}`);
}

function wayOf(from: string, to: string): Way {
  const [source, target] = [folderOf(from), folderOf(to)];
  if (source !== undefined && target === undefined) {
    const next = `Set storage.url to ${to} and start the collectors; keep ${source} as a backup, and start none on it.`;
    return { folder: source, url: to, copy: copyToDatabase, stop: `Stop the collector on ${source}`, next, again: 'empty the database' };
  }
  if (target !== undefined && isDatabase(from)) {
    const next = `Take storage.url out of the configuration, set data to ${target} and start one collector; keep the database as a backup, and start none on it.`;
    const again = `remove ${join(target, 'unfinished-copy')}`;
    return { folder: target, url: from, copy: copyToDataFolder, stop: 'Stop all collectors on the database', next, again };
  }
  throw new LedgerlineError('invalid', 'A copy is from sqlite:FOLDER to postgres://…, or from postgres://… to sqlite:FOLDER.', {
    hint: 'Such as --from sqlite:/var/lib/ledgerline --to postgres://ledgerline@127.0.0.1/ledgerline.',
  });
}

const isDatabase = (ledger: string): boolean => /^postgres(?:ql)?:/i.test(ledger);

function folderOf(ledger: string): string | undefined {
  const [, folder] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(ledger) ?? [];
  return folder === undefined ? undefined : resolve(folder);
}
