/** The command `ledgerline`. */
import { CommanderError } from 'commander';
import { describeError, LedgerlineError } from '../core/error.ts';
import { leaveOutExperimentalWarnings } from '../core/node-warnings.ts';
import { Interrupted } from './ask.ts';
import { EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

leaveOutExperimentalWarnings();
const terminal = processTerminal();
// A reader that closes early, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_OK);
  terminal.err(`Standard output cannot be written: ${error.message}`);
  process.exit(EXIT_ERROR);
});
// Where notes and errors cannot be written, the exit code says it.
process.stderr.on('error', () => undefined);

try {
  const program = await createProgram(terminal, process.argv.slice(2));
  await program.parseAsync();
} catch (thrown) {
  process.exit(report(thrown));
}

/** Says what went wrong; the exit code. */
function report(thrown: unknown): number {
  // Help and usage errors are already printed.
  if (thrown instanceof CommanderError) return thrown.exitCode === EXIT_OK ? EXIT_OK : EXIT_ERROR;
  if (thrown instanceof Interrupted) return EXIT_INTERRUPTED;
  terminal.err(describeError(LedgerlineError.from(thrown)));
  // What is not ours is a defect: its trace is what a report of it needs.
  if (!(thrown instanceof LedgerlineError)) terminal.err(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  return EXIT_ERROR;
}
