/**
 * Hands bodies to lanes in the order of the file. A client sends one export and waits for the answer before the next, so a body whose
 * client is still waiting goes to the lane that serves this client.
 */
export interface Body {
  readonly bytes: Buffer;
  readonly records: number;
  readonly client: number;
  readonly signal: 'logs' | 'metrics';
}

export interface Due {
  readonly body: Body;
  /** On performance.now()'s clock. */
  readonly dueMs: number;
}

export class Feed {
  readonly #bodies: readonly Body[];
  readonly #dueMs: (index: number) => number;
  /** What waits for the answer to an earlier export of the same client. */
  readonly #held = new Map<number, Due[]>();
  #next = 0;

  constructor(bodies: readonly Body[], dueMs: (index: number) => number) {
    this.#bodies = bodies;
    this.#dueMs = dueMs;
  }

  get isEmpty(): boolean {
    return this.#next >= this.#bodies.length;
  }

  /** The next body that is due and whose client is free; obliges to call `answered`. */
  take(nowMs: number): Due | undefined {
    for (; ; this.#next++) {
      const body = this.#bodies[this.#next];
      const dueMs = this.#dueMs(this.#next);
      if (body === undefined || dueMs > nowMs) return undefined;
      const held = this.#held.get(body.client);
      if (held !== undefined) {
        held.push({ body, dueMs });
        continue;
      }
      this.#held.set(body.client, []);
      this.#next++;
      return { body, dueMs };
    }
  }

  /** What the lane sends next for the same client, if anything waited. */
  answered(body: Body): Due | undefined {
    const next = this.#held.get(body.client)?.shift();
    if (next === undefined) this.#held.delete(body.client);
    return next;
  }
}
