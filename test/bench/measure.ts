/** One load on one server: how fast it was answered, and what that took. */
import type { LoadOrder, LoadResult } from './load.ts';
import { runLoad, type Server } from './process.ts';
import { whole } from './report.ts';
import type { ServerUsage } from './server.ts';

export interface Takes {
  readonly rssBytes: number;
  /** Of the server, for each export. */
  readonly cpuMs: number;
  /** To disk, for each export. */
  readonly writtenBytes: number;
}

export type Measured = LoadResult & Takes;

export type Order = Omit<LoadOrder, 'port'>;

export async function measure(server: Server, order: Order): Promise<Measured> {
  const before = await server.usage();
  const result = await sendTo(server, order);
  return { ...result, ...takes(before, await server.usage(), result) };
}

export const sendTo = (server: Server, order: Order): Promise<LoadResult> =>
  send(`The ${server.mode} server`, { ...order, port: server.ports[order.transport] });

/** `to`: as a sentence begins with it. @throws where it did not take all that was sent. */
export async function send(to: string, order: LoadOrder): Promise<LoadResult> {
  const result = await runLoad(order).catch((cause: unknown) => {
    throw new Error(`${to} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (result.refused > 0) throw new Error(`${to} refused ${whole(result.refused)} of ${whole(result.answered)} exports.`);
  if (result.exports === 0) throw new Error(`${to} answered no export within the measured time; use a larger --seconds.`);
  return result;
}

export function takes(before: ServerUsage, after: ServerUsage, { answered }: LoadResult): Takes {
  return {
    rssBytes: after.rssBytes,
    cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1000) / answered,
    writtenBytes: (after.writtenBytes - before.writtenBytes) / answered,
  };
}

export const rate = ({ exports, seconds }: LoadResult): number => exports / seconds;
