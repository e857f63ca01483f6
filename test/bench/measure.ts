/** One load on one server: how fast it was answered, and what that took. */
import type { LoadOrder, LoadResult } from './load.ts';
import { runLoad, type Server } from './process.ts';
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
  const result = await send(`The ${server.mode} server`, { ...order, port: server.ports[order.transport] });
  return { ...result, ...takes(before, await server.usage(), result) };
}

/** `to`: as a sentence begins with it. */
export async function send(to: string, order: LoadOrder): Promise<LoadResult> {
  const result = await runLoad(order);
  if (result.refused > 0) throw new Error(`${to} refused ${result.refused} exports.`);
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
