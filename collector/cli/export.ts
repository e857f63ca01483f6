/** ledgerline export: any part of the ledger as a file. */
import { Command, Option } from 'commander';
import { FORMAT_NAMES, FORMATS } from '../catalog/export-formats.ts';
import type { ExportFileOptions } from './export-file.ts';
import type { ExportRunOptions } from './export-run.ts';
import { withLedger, withSource } from './options.ts';
import { prCommentCommand } from './pr-comment.ts';
import { type TimeOptions, timeParameters, withTime, withWhere } from './reading-options.ts';
import type { Terminal } from './terminal.ts';

interface ExportOptions extends ExportFileOptions, TimeOptions {
  readonly focus?: string;
  readonly by?: string;
  readonly measures?: string;
  readonly grain?: string;
  readonly where?: readonly string[];
}

const EXAMPLES = `
Formats:
${FORMAT_NAMES.map((name) => `  ${name.padEnd(15)} ${FORMATS[name].description}`).join('\n')}

The file appears whole or not at all. Its sum is that of \`ledgerline report\` for the same time range, to the last digit.

Examples:
  ledgerline export --output november.csv --period 2026-11
  ledgerline export --format parquet --by team,model --grain hour --last 7 --output week.parquet
  ledgerline export --format focus --focus 1.3 --period last-month --timezone UTC --output focus.csv
  ledgerline export --format jsonl --where team:platform | jq .cost_usd
  ledgerline export run chargeback               what the configuration schedules under this name, now
  ledgerline export pr-comment --repository acme/api --pull-request 12     what a pull request cost, in Markdown`;

export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('write any part of the ledger to a file: CSV, JSON Lines, Parquet, FOCUS, AWS CUR, ccusage')
    .addOption(new Option('-f, --format <format>', 'format of the file').choices(FORMAT_NAMES).default('csv'))
    .option('-o, --output <file>', 'file to write; - is standard output', '-')
    .option('--focus <version>', 'version of FOCUS: 1.2, 1.3 or 1.4 (default: 1.4)')
    .option('--by <dimensions>', 'dimensions, comma-separated: columns, or tags of focus and aws-billing')
    .option('--measures <measures>', 'measures, comma-separated, of csv, jsonl and parquet')
    .option('--grain <grain>', 'width of one row of csv, jsonl and parquet: day, hour, week, month, total … (default: day)');
  command.addCommand(runCommand(terminal)).addCommand(prCommentCommand(terminal));
  return withSource(withWhere(withTime(command, 'days, the current one included')))
    .option('-q, --quiet', 'no notes on standard error')
    .option('-v, --verbose', 'say where the figures come from')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ExportOptions) => {
      // Loaded only to export: the other commands start in a fraction of the time.
      const { writeExport } = await import('./export-file.ts');
      await writeExport(options, exportParameters(options), terminal);
    });
}

function runCommand(terminal: Terminal): Command {
  return withLedger(new Command('run').description('write the files of a scheduled export that are missing or have changed, now'))
    .argument('<name>', 'its name in the configuration')
    .option('--all', 'make every file again, however old')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runScheduled } = await import('./export-run.ts');
      // The command above has options of the same names, and takes them first.
      await runScheduled(name, command.optsWithGlobals<ExportRunOptions>(), terminal);
    });
}

/** The question as the REST API takes it. */
function exportParameters(options: ExportOptions): URLSearchParams {
  const parameters = timeParameters(options, { fallback: 'this_month' });
  for (const key of ['format', 'focus', 'by', 'measures', 'grain'] as const) {
    const value = options[key];
    if (value !== undefined) parameters.set(key, value);
  }
  for (const filter of options.where ?? []) parameters.append('where', filter);
  return parameters;
}
