/** ledgerline storage: the database that several replicas share. */
import { Command } from 'commander';
import { adoptSettings } from '../app/shared-settings.ts';
import { LedgerlineError } from '../core/error.ts';
import { openLedgerWriter } from '../storage/open.ts';
import { type LedgerOptions, settings, withLedger } from './options.ts';
import { copyCommand } from './storage-copy.ts';
import { grantCommand } from './storage-grant.ts';
import { initCommand } from './storage-init.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
Replicas of one ledger have to agree on what changes the figures: time zone and week start, organization, attribution, directory, models,
prices, retention, the window of ingest, and limits of names. One that differs does not start. This command makes the settings of this
configuration those of the ledger. Replicas that run go on with theirs and say so on /readyz; restart them one after the other.

Another time zone or week start makes all roll-ups anew, which takes minutes for years of data and is refused while a replica runs, or ended
less than a minute ago without saying so.

Examples:
  ledgerline storage adopt-settings --config /etc/ledgerline/ledgerline.yaml`;

export const storageCommand = (terminal: Terminal): Command =>
  new Command('storage')
    .description('the database that several replicas share (storage.url)')
    .addCommand(initCommand(terminal))
    .addCommand(copyCommand(terminal))
    .addCommand(grantCommand(terminal))
    .addCommand(
      withLedger(new Command('adopt-settings').description('make the settings of this configuration those of all replicas'))
        .addHelpText('after', HELP)
        .action(async (options: LedgerOptions) => {
          const config = settings(options, terminal);
          if (config.storage.url === undefined) {
            throw new LedgerlineError('invalid', 'The ledger is in files: there are no replicas to agree with.', {
              hint: 'Set storage.url to a PostgreSQL database.',
            });
          }
          const writer = await openLedgerWriter(config, { otherCalendar: 'rebuild' });
          await writer.close();
          const changed = await adoptSettings(config);
          for (const { key, here, there } of changed) terminal.out(`${key}: ${there} -> ${here}`);
          terminal.out(changed.length === 0 ? 'Nothing to change: the ledger has these settings.' : 'Restart the replicas one after the other.');
        }),
    );
