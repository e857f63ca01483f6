/** What is still to come of a refused body, read a little at a time: senders of large ones cost the thread nothing but their turns. */
import type { IncomingMessage } from 'node:http';
import { TurnBudget } from '../../../core/turn.ts';

/** One read of a socket. */
const READ_BYTES = 64 * 1024;
/** Of all connections together in one turn of this thread: half a millisecond. */
export const TURN_BYTES = 512 * 1024;
/** So many connections at once, as each may keep a read or two until its turn. The others are closed after their answer. */
const RESTS_MAX = 256;

export class Rests {
  readonly #turns = new TurnBudget(TURN_BYTES);
  #running = 0;

  /**
   * Lets the rest run past, so that the sender gets to read the answer instead of a reset connection. A sender that goes on for longer than
   * `limit` bytes is cut off.
   */
  discard(request: IncomingMessage, limit: number): void {
    if (this.#running >= RESTS_MAX) {
      request.socket.destroySoon();
      return;
    }
    this.#running += 1;
    request.once('close', () => {
      this.#running -= 1;
    });
    // Whatever was never read, Node would read to its end at once when the answer has been sent.
    request.read(0);
    let size = 0;
    const goOn = (): void => {
      if (this.#turns.hasLeft) this.#turns.spend(READ_BYTES);
      else {
        request.pause();
        void this.#turns.spendLater(READ_BYTES).then(() => request.resume());
      }
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) request.socket.destroy();
      else goOn();
    });
    goOn();
  }
}
