/** ledgerline config: the configuration in force, and its schema. */
import { Command } from 'commander';
import { stringify } from 'yaml';
import { redact } from '../config/load.ts';
import { configJsonSchema } from '../config/schema-keys.ts';
import { type LedgerOptions, settings } from './options.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Examples:
  ledgerline config show                       what is in force, secrets left out
  LEDGERLINE_TIMEZONE=Asia/Tokyo ledgerline config show
  ledgerline config schema > ledgerline.schema.json`;

export function configCommand(terminal: Terminal): Command {
  const command = new Command('config').description('show the configuration in force, or its schema').addHelpText('after', EXAMPLES);
  command
    .command('show')
    .description('flags, environment, file and defaults together, as YAML; secrets are not shown')
    .option('--config <file>', 'configuration')
    .action((options: LedgerOptions) => terminal.out(stringify(redact(settings(options, terminal))).trimEnd()));
  command
    .command('schema')
    .description('the JSON Schema of ledgerline.yaml, for editors')
    .action(() => terminal.out(JSON.stringify(configJsonSchema(), null, 2)));
  return command;
}
