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

const LEAVE = 'Press Ctrl+C to leave.';

/** Ends with the process. */
export async function drawLive(screen: Screen, { everyMs, frame }: Live): Promise<never> {
  let shown = await frame();
  let trouble: string[] = [];
  screen.open();
  const leave = (): never => {
    screen.close(shown);
    return process.exit(EXIT_OK);
  };
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  try {
    for (;;) {
      const footer = ['', ...trouble, LEAVE];
      const room = Math.max(1, screen.rows() - footer.length - 1);
      screen.draw([...shown.split('\n').slice(0, room), ...footer].join('\n'));
      await pause(everyMs);
      try {
        shown = await frame();
        trouble = [];
      } catch (thrown) {
        trouble = [`As it was before. ${LedgerlineError.from(thrown).message}`];
      }
    }
  } finally {
    process.removeListener('SIGINT', leave);
    process.removeListener('SIGTERM', leave);
  }
}
