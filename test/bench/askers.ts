/**
 * Developers' hooks, in a process of their own: each asks on a connection of its own, as curl does, and closes it. A question counts from
 * when it was due, so that whoever had to wait is seen.
 */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface AskOrder {
  readonly port: number;
  /** Path and token of each asker, in turn. */
  readonly asked: readonly { readonly path: string; readonly token: string }[];
  readonly count: number;
  /** They fall due evenly within it. 0: all at once. */
  readonly withinMs: number;
}

export interface AskResult {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Not answered with 200. */
  readonly failed: number;
  /** Of the first that failed. */
  readonly failure: string;
}

/** One address may hold a part of the connections alone; developers come from many. */
const ADDRESSES = 8;

function askOnce(port: number, { path, token }: AskOrder['asked'][number], index: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (index % ADDRESSES)}`, noDelay: true });
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', (error) => resolve(error.message));
  socket.on('close', () => resolve(text));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
  return promise;
}

async function askAll({ port, asked, count, withinMs }: AskOrder): Promise<AskResult> {
  const took: number[] = [];
  const failures: string[] = [];
  const startMs = performance.now();
  const one = async (index: number, dueMs: number): Promise<void> => {
    const text = await askOnce(port, asked[index % asked.length] ?? { path: '/', token: '' }, index);
    took.push(performance.now() - dueMs);
    if (text.slice(9, 12) !== '200') failures.push(text);
  };
  const asking: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const dueMs = startMs + (index * withinMs) / count;
    while (performance.now() < dueMs) await wait(1);
    asking.push(one(index, dueMs));
  }
  await Promise.all(asking);
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1), failed: failures.length, failure: failures[0]?.slice(0, 300) ?? '' };
}

process.on('message', async (order: AskOrder) => process.send?.(await askAll(order)));
process.once('disconnect', () => process.exit(0));
