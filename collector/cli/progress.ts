/** A sign of life for answers that take longer than a second, on standard error, so that what is piped stays clean. */
import type { Terminal } from './terminal.ts';

const SILENT_MS = 1_000;
const FRAME_MS = 120;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Waits for the work. On a terminal a spinner turns beside `what`, which may say how far it is; elsewhere it is said once. */
export async function withProgress<Result>(terminal: Terminal, what: string | (() => string), work: Promise<Result>): Promise<Result> {
  const text = typeof what === 'string' ? () => what : what;
  let spinner: NodeJS.Timeout | undefined;
  const begin = (): void => {
    if (terminal.status === undefined) terminal.err(`${text()} …`);
    else spinner = spin(terminal.status, text);
  };
  const timer = setTimeout(begin, SILENT_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    clearInterval(spinner);
    if (spinner !== undefined) terminal.status?.('');
  }
}

function spin(status: (line: string) => void, text: () => string): NodeJS.Timeout {
  let frame = 0;
  return setInterval(() => status(`${FRAMES[frame++ % FRAMES.length]} ${text()} …`), FRAME_MS);
}
