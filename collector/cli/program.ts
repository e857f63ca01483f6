/** The command `ledgerline`, with all of its commands or with the one that is to run. */
import { Command } from 'commander';
import { VERSION } from '../core/version.ts';
import { COMMANDS } from './commands.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const HELP_COLUMNS = 120;
const VERSION_FLAG = '--version';
/** Descriptions narrower than this are not wrapped. */
const HELP_COLUMNS_MIN = 20;

/** `words` are those of the command line; without them, and where they are about all commands, all are there. The version needs none. */
export async function createProgram(terminal: Terminal, words: readonly string[] = []): Promise<Command> {
  const helpWidth = Math.min(HELP_COLUMNS, terminal.columns ?? HELP_COLUMNS);
  const program = new Command('ledgerline')
    .description('An exact ledger of what Claude Code costs, from its OpenTelemetry data.')
    .version(`ledgerline ${VERSION}`, VERSION_FLAG, 'display the version')
    .configureHelp({ helpWidth, minWidthToWrap: HELP_COLUMNS_MIN })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      getOutHelpWidth: () => helpWidth,
    })
    .showHelpAfterError('(--help lists what is available)')
    .exitOverride()
    .addHelpText('after', EXIT_CODES_HELP)
    .commandsGroup('Set up:');
  const only = wantedAlone(words[0]);
  for (const [group, commands] of Object.entries(COMMANDS)) {
    const wanted = Object.entries(commands).filter(([name]) => only === undefined || name === only);
    const loaded = await Promise.all(wanted.map(([, load]) => load(terminal)));
    for (const command of loaded) program.addCommand(inherit(command.helpGroup(`${group}:`), program));
  }
  if (only === undefined || only === COMPLETE) {
    const { completeCommand } = await import('./completion/values.ts');
    program.addCommand(inherit(completeCommand(terminal), program), { hidden: true });
  }
  return program;
}

/** What completion scripts ask while somebody types. */
const COMPLETE = '__complete';
/** Its script has the names and options of all others. */
const ABOUT_ALL = 'completion';

/** The first word, where it needs no command but the one it names. */
function wantedAlone(word: string | undefined): string | undefined {
  const names = [COMPLETE, VERSION_FLAG, ...Object.values(COMMANDS).flatMap((commands) => Object.keys(commands))];
  return word !== ABOUT_ALL && word !== undefined && names.includes(word) ? word : undefined;
}

/** addCommand does not hand down output and help settings, as .command() does. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const inner of command.commands) inherit(inner, command);
  return command;
}
