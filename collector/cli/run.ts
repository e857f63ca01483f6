/**
 * ledgerline run: runs a command and fails where the guard stopped a session in it; the client itself exits with 0 then, and CI would not
 * notice. run.sh does the same without Node.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { EXIT_GUARD_STOPPED } from './exit-codes.ts';
import { runGuard } from './guard-scripts.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
The guard is asked before the command starts, and is the hook of the client's settings (ledgerline guard install). Standard input and
output, signals and the exit code are the command's own; 75 where the guard stopped it, and standard error says why.

Examples:
  ledgerline run -- claude -p "Summarize the changes" --output-format json
  ledgerline run -- make review`;

const EXIT_NOT_FOUND = 127;
const EXIT_SIGNAL = 128;
/** Where guard.sh leaves what it said when it stopped. */
const MARKER = 'stopped';

export function runCommand(terminal: Terminal): Command {
  return new Command('run')
    .description('run a command, and fail where the guard stopped a session in it')
    .argument('<command...>', 'the command and its arguments, after --')
    .addHelpText('after', EXAMPLES)
    .action(async (words: readonly string[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'ledgerline-run-'));
      try {
        process.exitCode = await guarded(words, folder, terminal);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
}

/** The exit code. */
async function guarded(words: readonly string[], folder: string, terminal: Terminal): Promise<number> {
  const env = { ...process.env, LEDGERLINE_RUN_DIR: folder };
  const input = JSON.stringify({ session_id: `run-${randomUUID()}`, hook_event_name: 'UserPromptSubmit' });
  await runGuard({ env, input });
  const before = stoppedWith(folder);
  if (before !== undefined) {
    terminal.err(`ledgerline run: not started: ${before}`);
    return EXIT_GUARD_STOPPED;
  }
  const code = await passed(words, env, terminal);
  const within = stoppedWith(folder);
  if (within === undefined) return code;
  terminal.err(`ledgerline run: the guard stopped this run: ${within}`);
  return EXIT_GUARD_STOPPED;
}

/** The sentence of the first stop. Undefined: there was none. */
function stoppedWith(folder: string): string | undefined {
  const file = join(folder, MARKER);
  if (!existsSync(file)) return undefined;
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  const { stopReason }: { stopReason?: string } = JSON.parse(line);
  return stopReason ?? line;
}

/** Runs the command on the terminal of this process. A terminal sends its signals to both; elsewhere they are passed on. */
function passed([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv, terminal: Terminal): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const isTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => isTerminal || child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      terminal.err(`ledgerline run: ${command} cannot be started: ${error.message}`);
      resolve(EXIT_NOT_FOUND);
    });
    child.on('exit', (code, signal) => resolve(code ?? EXIT_SIGNAL + (signal === null ? 0 : constants.signals[signal])));
  });
}
