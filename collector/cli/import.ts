/** ledgerline import: history of Claude Code on its users' machines, and what providers say was used and billed. */
import { Command, Option } from 'commander';
import { FILE_SOURCES, IMPORT_SOURCES, type ImportSource } from '../config/imports.ts';
import type { ImportStatementsOptions } from './import-statements.ts';
import { importTranscriptsCommand } from './import-transcripts.ts';
import { type LedgerOptions, withLedger } from './options.ts';
import type { Terminal } from './terminal.ts';

const DESCRIPTIONS: Readonly<Record<ImportSource, string>> = {
  'anthropic-usage': "tokens of a Console organization: Anthropic's usage report",
  'anthropic-cost': "what a Console organization is billed: Anthropic's cost report",
  'anthropic-analytics': 'billed and list cost, tokens and requests of a Console or Enterprise organization: Usage and Cost Analytics API',
  'claude-code-analytics': "tokens and estimated cost by user: Anthropic's Claude Code Analytics",
  'aws-cur': 'what AWS bills for Claude on Bedrock: files of a Cost and Usage Report 2.0',
  'gcp-billing': 'what Google Cloud bills for Claude on Vertex AI: files of its billing export',
  litellm: 'tokens and estimated cost by key, user and team: spend logs of a LiteLLM proxy',
};

const EXAMPLES = `
Transcripts become part of the ledger, once for each request. Statements of providers are kept in statements.sqlite of the data folder,
apart from the ledger: no cost that clients report changes. A day is replaced as a whole; what it replaced is kept with from when to when
it was known. See docs/imports.md.

Examples:
  ledgerline import transcripts                           what Claude Code wrote down on this machine
  ledgerline import anthropic-cost                        since the last complete day, and the last 30 days again
  ledgerline import anthropic-usage --from 2026-10-01 --to 2026-10-31
  ledgerline import anthropic-analytics --dry-run         what would change
  ledgerline import aws-cur --path /srv/cur/data          files of AWS's own export
  ledgerline import litellm --history --dry-run           what users spent before there was telemetry of theirs
  ledgerline import status                                which days of which source there are, and what is wrong`;

const STATEMENT_EXAMPLES = `
Days are in UTC, both are included. Without --from, it begins with the first day that is missing or was not complete, and reads the days that
the provider may still revise again. Run it as often as you like: a day that did not change stays. Ctrl+C leaves whole days; the next run
goes on. The key is read from a file or the environment, and never shown; see docs/imports.md.

Exit codes: 0 done; 2 an error, or days that could not be read; 130 stopped with Ctrl+C.`;

export function importCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .description('bring in what was spent before telemetry, or beside it, and what providers bill')
    .addHelpText('after', EXAMPLES);
  command.addCommand(importTranscriptsCommand(terminal));
  for (const source of IMPORT_SOURCES) command.addCommand(statementsCommand(source, terminal));
  return command.addCommand(
    withLedger(new Command('status').description('which days of which source there are, and what is wrong'))
      .addOption(outputOption())
      .action(async (options: LedgerOptions & Pick<ImportStatementsOptions, 'output'>) => {
        const { showImports } = await import('./import-status.ts');
        await showImports(options, terminal);
      }),
  );
}

const outputOption = (): Option => new Option('-o, --output <format>', 'how the answer is printed').choices(['table', 'json']).default('table');

const FILES_EXAMPLES = `
Name a file, or the folder of a whole export: its files are added up. Without --from, all days are read that are in them; days that are not
stay as they are. A day is replaced as a whole, by what files say that were written later. See docs/imports.md.

Exit codes: 0 done; 2 an error, or days that could not be read; 130 stopped with Ctrl+C.`;

/** They know users, and none of what they say is in a ledger but as telemetry. */
const HISTORY_SOURCES: readonly ImportSource[] = ['anthropic-usage', 'claude-code-analytics', 'litellm'];

const HISTORY_EXAMPLES = `
--history books what users spent on days for which the ledger has no telemetry of theirs, through the collector that runs on it: each day of
a user once, at the source's own cost, else at list price. Run again, it changes nothing but what the source has revised, and takes back days
that have telemetry by now. With --dry-run it shows what it would book, by user.
`;

const isOfFiles = (source: ImportSource): boolean => FILE_SOURCES.some((one) => one === source);

function statementsCommand(source: ImportSource, terminal: Terminal): Command {
  const command = withLedger(new Command(source).description(DESCRIPTIONS[source]))
    .option('--from <day>', 'first day, such as 2026-10-01')
    .option('--to <day>', 'last day (default: yesterday)')
    .option('--account <name>', 'one of several that the configuration has for this source');
  if (isOfFiles(source)) command.option('--path <path>', 'file or folder of an export (default: of the configuration)');
  else command.option('--key-file <file>', 'file with the key (default: of the configuration or the environment)');
  const knowsUsers = HISTORY_SOURCES.includes(source);
  if (knowsUsers) {
    command
      .option('--history', 'also book it for days of users without telemetry')
      .option('--url <url>', 'the collector that books history (default: the one that runs on the ledger)')
      .option('--token-file <file>', 'file with an admin token for it (default: LEDGERLINE_TOKEN_FILE)');
  }
  return command
    .option('--accept-empty', 'replace days that had lines by nothing, where the provider has nothing about them any more')
    .option('--dry-run', 'read everything, store nothing, and show what would change')
    .addOption(outputOption())
    .addHelpText('after', `${knowsUsers ? HISTORY_EXAMPLES : ''}${isOfFiles(source) ? FILES_EXAMPLES : STATEMENT_EXAMPLES}`)
    .action(async (options: ImportStatementsOptions) => {
      // Loaded only to import: the other commands start in a fraction of the time.
      const { importStatements } = await import('./import-statements.ts');
      await importStatements(source, options, terminal);
    });
}
