/** A view that draws itself again and again, on a screen of its own, until Ctrl+C. */
import { setTimeout as pause } from 'node:timers/promises';
import { LedgerlineError } from '../core/error.ts';
import { EXIT_OK } from './exit-codes.ts';
import type { Screen } from './terminal.ts';

export interface Live {
  readonly everyMs: number;
  /** All lines of one drawing. What it throws at first is thrown; later it is shown, and it is tried again. */
  readonly frame: () => Promise<string>;
}

const FOOTER = ['', 'Press Ctrl+C to leave.'];

/** Ends with the process. */
export async function drawLive(screen: Screen, { everyMs, frame }: Live): Promise<never> {
  let shown = await frame();
  screen.open();
  const leave = (): never => {
    screen.close(shown);
    return process.exit(EXIT_OK);
  };
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  for (;;) {
    const room = Math.max(1, screen.rows() - FOOTER.length - 1);
    screen.draw([...shown.split('\n').slice(0, room), ...FOOTER].join('\n'));
    await pause(everyMs);
    shown = await frame().catch((thrown: unknown) => `${shown.split('\n\nNo answer:', 1)[0]}\n\nNo answer: ${LedgerlineError.from(thrown).message}`);
  }
}
