/** ledgerline statusline: the status line of Claude Code, and its script for machines without Node. */
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { EXIT_ERROR } from './exit-codes.ts';
import { hookCommand, readScript } from './guard-scripts.ts';
import { installScripts } from './install-scripts.ts';
import { runStatusline, STATUSLINE_SCRIPT, statuslineSettings } from './statusline-script.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
It reads the client's JSON on standard input and prints one line: model | session / today / budget | context. What is of the collector
(LEDGERLINE_URL, LEDGERLINE_TOKEN) is shown from a cache with its age and fetched in the background; without a collector there are the
client's own limits instead. It never waits, ends with 0, and prints nothing where it cannot. The script does the same in a fraction of the
time, from a POSIX shell, awk and curl. See docs/statusline.md for all fields.

Examples:
  ledgerline statusline install /opt/ledgerline          write the script, and print the settings that name it
  ledgerline statusline script > statusline.sh
  ledgerline statusline < input.json
  ledgerline statusline --format '{model} | {budget_left} of {budget_amount} | {five_hour}' --check
                                                         is the template right, and does the collector answer?`;

interface LineOptions {
  readonly format?: string;
  readonly width?: string;
  readonly color: boolean;
  readonly check?: true;
}

export function statuslineCommand(terminal: Terminal): Command {
  const command = new Command('statusline')
    .description('status line for Claude Code: what the session, the day and the budget come to')
    .option('--format <template>', 'fields in braces, such as "{model} | {budget}"')
    .option('--width <columns>', 'leave out what does not fit (default: COLUMNS, if it is set)')
    .option('--no-color', 'no colors; also where NO_COLOR is set')
    .option('--check', 'print what is wrong with the template, or with what the collector is asked with')
    .addHelpText('after', EXAMPLES)
    .action((options: LineOptions) => run(options, terminal));
  command
    .command('script')
    .description('print the script')
    .action(() => terminal.out(readScript(STATUSLINE_SCRIPT).trimEnd()));
  command
    .command('install')
    .description('write the script, and print the settings of the client that name it')
    .argument('<folder>', 'where it goes')
    .action((folder: string) => install(resolve(folder), terminal));
  return command;
}

async function run({ format, width, color, check }: LineOptions, terminal: Terminal): Promise<void> {
  const args = [
    ...(format === undefined ? [] : ['--format', format]),
    ...(width === undefined ? [] : ['--width', width]),
    ...(color ? [] : ['--no-color']),
    ...(check === undefined ? [] : ['--check']),
  ];
  try {
    process.exitCode = await runStatusline(args);
  } catch (error) {
    // A client shows what a status line fails with in its place.
    if (check === undefined) return;
    terminal.err(`ledgerline statusline: ${LedgerlineError.from(error).message}`);
    process.exitCode = EXIT_ERROR;
  }
}

function install(folder: string, terminal: Terminal): void {
  const file = join(folder, STATUSLINE_SCRIPT);
  installScripts(folder, [STATUSLINE_SCRIPT], 'Choose a folder that you may write to.');
  terminal.err(`Wrote ${file}.`);
  terminal.out(JSON.stringify(statuslineSettings(hookCommand('sh', file)), null, 2));
}
