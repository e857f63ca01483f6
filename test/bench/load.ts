/**
 * The load generator, in a process of its own so that it cannot slow down what it measures: so many lanes, each of which sends an export,
 * waits for the answer and sends the next; every body once. With a rate, bodies fall due at fixed times and latency counts from then, so a
 * stall of the server is seen by all that had to wait for it.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { HEADER_BYTES } from './bodies.ts';
import { type Body, type Due, Feed } from './feed.ts';
import { openGrpcLanes } from './lane-grpc.ts';
import { openHttpLanes } from './lane-http.ts';

export interface LoadOrder {
  readonly transport: 'http' | 'grpc';
  readonly port: number;
  readonly file: string;
  readonly encoding: 'protobuf' | 'json';
  readonly gzip: boolean;
  readonly lanes: number;
  /** Answers of this long at the beginning are not counted. */
  readonly warmMs: number;
  /** Ends sooner when there are no bodies left. */
  readonly measureMs: number;
  /** Exports per second; without it each lane sends as fast as it is answered. */
  readonly rate?: number;
  /** Where one is needed; over HTTP alone. */
  readonly token?: string;
}

export interface LoadResult {
  readonly exports: number;
  readonly records: number;
  /** At any time, measured or not. */
  readonly answered: number;
  /** Of these, other than 200 or OK, or with records that were rejected. */
  readonly refused: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export type FromLoad = LoadResult | { readonly failed: string };

/** Sends one body; resolves to whether all of it was taken. */
export type Lane = (body: Body) => Promise<boolean>;

export interface Lanes {
  readonly lanes: readonly Lane[];
  close(): void;
}

function readBodies(file: string): Body[] {
  const content = readFileSync(file);
  const bodies: Body[] = [];
  for (let at = 0; at < content.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + content.readUInt32LE(at);
    const signal = content.readUInt8(at + 8) === 0 ? 'logs' : 'metrics';
    bodies.push({ bytes: content.subarray(start, end), records: content.readUInt16LE(at + 4), client: content.readUInt16LE(at + 6), signal });
    at = end;
  }
  return bodies;
}

/** Sends all there is, or all that fits into the time, and counts the answers in the measured time range. */
class Run {
  readonly #feed: Feed;
  readonly #fromMs: number;
  /** Set back when the bodies run out: from then on fewer lanes are sending than should be. */
  #untilMs: number;
  readonly #latencies: number[] = [];
  #records = 0;
  #answered = 0;
  #refused = 0;

  constructor(bodies: readonly Body[], { rate, warmMs, measureMs }: LoadOrder) {
    const startMs = performance.now();
    this.#fromMs = startMs + warmMs;
    this.#untilMs = this.#fromMs + measureMs;
    this.#feed = new Feed(bodies, (index) => (rate === undefined ? 0 : startMs + (index * 1000) / rate));
  }

  async work(lane: Lane): Promise<void> {
    while (performance.now() < this.#untilMs) {
      const next = this.#feed.take(performance.now());
      if (next !== undefined) await this.#serve(lane, next);
      else if (this.#feed.isEmpty) break;
      // No timer is more exact than a millisecond; latency counts from when a body was due.
      else await wait(1);
    }
    this.#untilMs = Math.min(this.#untilMs, performance.now());
  }

  async #serve(lane: Lane, first: Due): Promise<void> {
    for (let next: Due | undefined = first; next !== undefined; next = this.#feed.answered(next.body)) {
      const sentMs = next.dueMs === 0 ? performance.now() : next.dueMs;
      const isTaken = await lane(next.body);
      this.#count(next.body, sentMs, isTaken);
      if (performance.now() >= this.#untilMs) return;
    }
  }

  #count(body: Body, sentMs: number, isTaken: boolean): void {
    const nowMs = performance.now();
    // On a machine too busy to answer within the time, the time lasts until the first answer.
    if (this.#latencies.length === 0) this.#untilMs = Math.max(this.#untilMs, nowMs);
    this.#answered++;
    if (!isTaken) this.#refused++;
    else if (nowMs >= this.#fromMs && nowMs <= this.#untilMs) {
      this.#latencies.push(nowMs - sentMs);
      this.#records += body.records;
    }
  }

  result(): LoadResult {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      ...{ exports: sorted.length, records: this.#records, answered: this.#answered, refused: this.#refused },
      seconds: (this.#untilMs - this.#fromMs) / 1000,
      ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs: sorted.at(-1) ?? 0 },
    };
  }
}

async function sendAll(order: LoadOrder): Promise<LoadResult> {
  const bodies = readBodies(order.file);
  const { lanes, close } = await (order.transport === 'http' ? openHttpLanes(order) : openGrpcLanes(order));
  const run = new Run(bodies, order);
  try {
    await Promise.all(lanes.map((lane) => run.work(lane)));
  } finally {
    close();
  }
  return run.result();
}

const answer = (message: FromLoad) => process.send?.(message);

process.on('message', (order: LoadOrder) => {
  sendAll(order).then(answer, (error: unknown) => answer({ failed: error instanceof Error ? error.message : String(error) }));
});
process.once('disconnect', () => process.exit(1));
