/** ledgerline completion: a script that a shell loads. */
import { Argument, Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { type CompletedCommand, completedCommands } from './tree.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<
  string,
  (commands: readonly CompletedCommand[]) => string
>;
type Shell = keyof typeof SCRIPTS;
const SHELLS = Object.keys(SCRIPTS) as Shell[]; // The record's own keys, which Object.keys widens to string.

const EXAMPLES = `
Completes commands, options, their values, dimensions, and the values of a filter from the ledger that would be asked.

Examples:
  source <(ledgerline completion bash)                                    in ~/.bashrc
  source <(ledgerline completion zsh)                                     in ~/.zshrc, after compinit
  ledgerline completion fish > ~/.config/fish/completions/ledgerline.fish`;

export const completionCommand = (terminal: Terminal): Command =>
  new Command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, _options: object, command: Command) => {
      const program = command.parent ?? command;
      terminal.out(SCRIPTS[shell](completedCommands(program)).trimEnd());
    });
