/** ledgerline guard: the hook of Claude Code that stops work past a hard limit, and its scripts for machines without Node. */
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { GUARD_SCRIPTS, type GuardShell, hookCommand, ownShell, readScript, runGuard } from './guard-scripts.ts';
import { type Fleet, guardSettings } from './guard-settings.ts';
import { installScripts } from './install-scripts.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
As a hook, it reads the client's JSON on standard input and asks the collector at LEDGERLINE_URL with LEDGERLINE_TOKEN. The script does
the same in a fraction of the time, from a POSIX shell, awk and curl. See docs/guard.md for settings and variables.

Examples:
  ledgerline guard install /opt/ledgerline                     write the scripts, and print the settings that name them
  ledgerline guard install /opt/ledgerline --fleet mixed       with older clients among them
  ledgerline guard script > guard.sh
  ledgerline guard script --shell powershell > guard.ps1
  ledgerline guard < input.json                                run the hook`;

const shellOption = (): Option =>
  new Option('--shell <shell>', 'sh, or powershell for Windows without Git Bash').choices(['sh', 'powershell']).default(ownShell());

export function guardCommand(terminal: Terminal): Command {
  const command = new Command('guard').description('hook for Claude Code that stops work past a hard limit').addHelpText('after', EXAMPLES);
  command.action(async () => {
    try {
      await runGuard({ env: process.env });
    } catch (error) {
      // Not 2: with that a hook blocks.
      terminal.err(`ledgerline guard: ${LedgerlineError.from(error).message}`);
      process.exitCode = EXIT_CONDITION;
    }
  });
  command
    .command('script')
    .description('print the hook as a script')
    .addOption(shellOption())
    .action(({ shell }: { shell: GuardShell }) => terminal.out(readScript(GUARD_SCRIPTS[shell][0]).trimEnd()));
  command
    .command('install')
    .description('write the scripts, and print the settings of the client that name them')
    .argument('<folder>', 'where they go')
    .addOption(shellOption())
    .addOption(new Option('--fleet <fleet>', 'new, or mixed: events that clients of every version know').choices(['new', 'mixed']).default('new'))
    .addOption(
      new Option('--on-failure <choice>', 'open: work goes on without an answer; closed: it stops').choices(['open', 'closed']).default('open'),
    )
    .action((folder: string, options: InstallOptions) => install(resolve(folder), options, terminal));
  return command;
}

interface InstallOptions {
  readonly shell: GuardShell;
  readonly fleet: Fleet;
  readonly onFailure: 'open' | 'closed';
}

function install(folder: string, { shell, fleet, onFailure }: InstallOptions, terminal: Terminal): void {
  for (const { file } of installScripts(folder, GUARD_SCRIPTS[shell], 'Choose a folder that you may write to.')) terminal.err(`Wrote ${file}.`);
  const command = hookCommand(shell, join(folder, GUARD_SCRIPTS[shell][0]));
  terminal.out(JSON.stringify(guardSettings({ command, fleet, onFailure }), null, 2));
}
