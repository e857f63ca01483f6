/** ledgerline storage init: the tables of a shared ledger. */
import { Command } from 'commander';
import { CONFIG_FILE } from '../config/load.ts';
import { initStorage } from '../storage/open.ts';
import { settings } from './options.ts';
import type { Terminal } from './terminal.ts';

interface InitOptions {
  readonly config?: string;
  readonly citus?: boolean;
}

const HELP = `
A collector makes and updates the tables itself when it starts; this command does it beforehand, such as in the job of an update. Columns
are added and none is taken away, so replicas of the version before go on meanwhile. Done again it changes nothing.

With --citus the database has to have the extension citus, with its workers added. A ledger that is made gets 32 shards, by session; the
number never changes, and a ledger that was made without cannot be distributed afterwards. Updates need no --citus.

Examples:
  ledgerline storage init
  ledgerline storage init --config /etc/ledgerline/ledgerline.yaml
  ledgerline storage init --citus`;

export const initCommand = (terminal: Terminal): Command =>
  new Command('init')
    .description('make or update the tables of the ledger')
    .option('--citus', 'distribute them over the workers of a Citus')
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .addHelpText('after', HELP)
    .action(async ({ citus = false, ...options }: InitOptions) => {
      const { version, slots, distributed } = await initStorage(settings(options, terminal), citus, (sentence) => terminal.out(sentence));
      terminal.out(changeOf(version));
      if (distributed.length > 0) terminal.out(`Distributed over ${slots} shards: ${distributed.join(', ')}.`);
    });

function changeOf({ before, after }: { readonly before: number; readonly after: number }): string {
  if (before === 0) return `Made the tables of a ledger, version ${after}.`;
  return before === after ? `The tables are of version ${after}: nothing to change.` : `Updated the tables from version ${before} to ${after}.`;
}
