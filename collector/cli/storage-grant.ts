/** ledgerline storage grant-grafana: a role that reads the views of a shared ledger. */
import { Command } from 'commander';
import { CONFIG_FILE } from '../config/load.ts';
import { grantReading, readingGrants } from '../storage/open.ts';
import { settings } from './options.ts';
import type { Terminal } from './terminal.ts';

interface GrantOptions {
  readonly config?: string;
  readonly role: string;
  readonly print?: boolean;
}

const HELP = `
The role must be there. It may then read the views of the schema ledgerline_read, and nothing else: no entries, no sessions. It reads
only, and for at most 15 seconds at a time. Run it as the user that the collector writes as, so that views of later versions are the
role's, too; changing the role's settings takes the right to change roles. With --print an administrator can run it instead.

Examples:
  psql -c "CREATE ROLE grafana LOGIN PASSWORD '…'"
  ledgerline storage grant-grafana --role grafana
  ledgerline storage grant-grafana --role grafana --print | psql -U postgres ledgerline`;

export const grantCommand = (terminal: Terminal): Command =>
  new Command('grant-grafana')
    .description('let a role of the database read the views that boards ask by SQL')
    .requiredOption('--role <name>', 'role that Grafana connects as')
    .option('--print', 'print the statements instead of running them')
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .addHelpText('after', HELP)
    .action((options: GrantOptions) => grant(options, terminal));

async function grant({ role, print = false, ...options }: GrantOptions, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  if (print) {
    for (const text of await readingGrants(config, role)) terminal.out(`${text};`);
    return;
  }
  await grantReading(config, role);
  terminal.out(`${role} may read the views of ledgerline_read, and nothing else.`);
}
