/** The command `ledgerline`. Exit codes: 0 well, 1 not well or not possible. */

import { describeError, LedgerlineError } from '../core/error.ts';
import { createProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

const terminal = processTerminal();
// A reader that closes early, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await createProgram(terminal).parseAsync();
} catch (thrown) {
  const error = LedgerlineError.from(thrown);
  terminal.err(describeError(error));
  // What is not ours is a defect: its trace is what a report of it needs.
  if (!(thrown instanceof LedgerlineError)) terminal.err(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  process.exit(1);
}
