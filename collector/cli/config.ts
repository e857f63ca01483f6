/** ledgerline config: the configuration in force, and its schema. */
import { Command } from 'commander';
import { stringify } from 'yaml';
import { redact } from '../config/redact.ts';
import { configJsonSchema } from '../config/schema-keys.ts';
import { type LedgerOptions, settings } from './options.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  ledgerline config show                       the effective configuration, without secrets
  LEDGERLINE_TIMEZONE=Asia/Tokyo ledgerline config show
  ledgerline config schema > ledgerline.schema.json`;

export function configCommand(terminal: Terminal): Command {
  const command = new Command('config').description('show the effective configuration or its schema').addHelpText('after', EXAMPLES);
  command
    .command('show')
    .description('show flags, environment, file and defaults combined, as YAML without secrets')
    .option('--config <file>', 'configuration')
    .action((options: LedgerOptions) => terminal.out(stringify(redact(settings(options, terminal))).trimEnd()));
  command
    .command('schema')
    .description('print the JSON Schema of ledgerline.yaml, for editors')
    .action(() => terminal.out(JSON.stringify(configJsonSchema(), null, 2)));
  return command;
}
