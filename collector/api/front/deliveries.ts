/** Large answers under way to many readers, of which some never read: each shares the chunks with the others, and none is kept for long. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TurnBudget } from '../../core/turn.ts';

export interface DeliveryOptions {
  /** At once. Beyond it, the one that has taken nothing for longest makes room. */
  readonly deliveriesMax: number;
  /** One that takes no byte for so long is cut off. */
  readonly stalledMs: number;
  /** One was cut off to make room. */
  readonly onCutOff: () => void;
}

interface Delivery {
  readonly response: ServerResponse;
  readonly chunks: readonly Buffer[];
}

/** Of different texts so many are held, whoever still reads them. */
const TEXTS_MAX = 4;
/** What all of them together hand to the system in one turn of this thread, which answers health, too. */
export const TURN_BYTES = 1024 * 1024;
/** What beginning one costs, in bytes that could be written meanwhile. */
const BEGIN_BYTES = 32 * 1024;

export class Deliveries {
  readonly #options: DeliveryOptions;
  /** The one that took a chunk last stands last. */
  readonly #running = new Set<Delivery>();
  readonly #turns = new TurnBudget(TURN_BYTES);

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Resolves when it is over, in whatever way. The head must have been written. */
  async send(response: ServerResponse, chunks: readonly Buffer[]): Promise<void> {
    await this.#turns.spendLater(BEGIN_BYTES);
    if (response.destroyed) return;
    const delivery = { response, chunks };
    this.#makeRoom();
    this.#running.add(delivery);
    this.#letGoOfTexts();
    response.setTimeout(this.#options.stalledMs, () => response.destroy());
    try {
      await pipeline(Readable.from(this.#chunksOf(delivery)), response);
    } catch {
      // Whoever went away, or was cut off, needs no answer.
    } finally {
      this.#running.delete(delivery);
    }
  }

  async *#chunksOf(delivery: Delivery): AsyncIterable<Buffer> {
    for (const chunk of delivery.chunks) {
      await this.#turns.spendLater(chunk.byteLength);
      yield chunk;
      if (this.#running.delete(delivery)) this.#running.add(delivery);
    }
  }

  #makeRoom(): void {
    const [slowest] = this.#running;
    if (slowest !== undefined && this.#running.size >= this.#options.deliveriesMax) this.#cutOff(slowest);
  }

  #letGoOfTexts(): void {
    for (let texts = this.#texts(); texts.size > TEXTS_MAX; texts = this.#texts()) {
      const [slowest] = this.#running;
      if (slowest === undefined) return;
      this.#cutOff(slowest);
    }
  }

  #texts(): ReadonlySet<readonly Buffer[]> {
    return new Set([...this.#running].map(({ chunks }) => chunks));
  }

  #cutOff(delivery: Delivery): void {
    this.#running.delete(delivery);
    this.#options.onCutOff();
    delivery.response.destroy();
  }
}
