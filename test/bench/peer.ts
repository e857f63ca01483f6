/** Another OTLP endpoint of this machine, which is loaded with the same bodies in turns with ours. Whoever runs the bench starts it. */
import { join } from 'node:path';
import { Bodies } from './bodies.ts';
import { usageOfTree } from './kernel.ts';
import type { LoadResult } from './load.ts';
import { type Order, send, type Takes, takes } from './measure.ts';
import type { ServerUsage } from './server.ts';

export interface PeerFlags {
  readonly peer?: string | undefined;
  readonly 'peer-grpc'?: string | undefined;
  readonly 'peer-pid'?: string | undefined;
}

export interface Peer {
  /** Of its lines, those over a transport that it does not have stay empty. */
  readonly ports: { readonly http: number | undefined; readonly grpc: number | undefined };
  /** Undefined where only the outside of it is seen. */
  usage(): ServerUsage | undefined;
}

/** What it takes is known where its process is. */
export type PeerMeasured = LoadResult & Partial<Takes>;

/** Undefined without any of the flags. @throws where they make no sense, with what to give instead. */
export function readPeer({ peer, 'peer-grpc': grpc, 'peer-pid': pid }: PeerFlags): Peer | undefined {
  const ports = { http: readPort('--peer', peer), grpc: readPort('--peer-grpc', grpc) };
  if (ports.http === undefined && ports.grpc === undefined) {
    if (pid !== undefined) throw new Error('--peer-pid needs --peer or --peer-grpc.');
    return undefined;
  }
  if (pid === undefined) return { ports, usage: () => undefined };
  const found = readPid(pid);
  return { ports, usage: () => usageOfTree(found) };
}

/** The machine shares its cores among the load and all servers: one elsewhere would be compared with what it is not. */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d{1,5})\/?$/;
const PORT_MAX = 65_535;

function readPort(flag: string, url: string | undefined): number | undefined {
  if (url === undefined) return undefined;
  const port = Number(LOOPBACK.exec(url)?.[1]);
  if (port >= 1 && port <= PORT_MAX) return port;
  throw new Error(`${flag} is "${url}", expected http://127.0.0.1:PORT. A peer runs on this machine, as our own servers do.`);
}

function readPid(text: string): number {
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) throw new Error(`--peer-pid is "${text}", expected the number of a process.`);
  try {
    usageOfTree(pid);
  } catch (cause) {
    throw new Error(`--peer-pid is "${text}", and /proc/${text} cannot be read: the process has to run here, as the same user.`, { cause });
  }
  return pid;
}

export interface PeerFailure {
  readonly failed: string;
}

/** Undefined where it has no port for that. What it does not take fails nothing of ours. */
export async function measurePeer(peer: Peer, order: Order): Promise<PeerMeasured | PeerFailure | undefined> {
  const port = peer.ports[order.transport];
  if (port === undefined) return undefined;
  try {
    const before = peer.usage();
    const result = await send('The peer', { ...order, port });
    const after = peer.usage();
    return before === undefined || after === undefined ? result : { ...result, ...takes(before, after, result) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

const TRY_MS = 1_000;

/** One export over each transport that it has: whoever is not there, or takes nothing, is found out before anything is measured. */
export async function tryPeer(peer: Peer, folder: string): Promise<void> {
  const file = join(folder, 'try');
  const bodies = new Bodies(10, Date.now());
  for (const transport of ['http', 'grpc'] as const) {
    const wire = { file, transport, encoding: 'protobuf', gzip: false } as const;
    await bodies.write({ ...wire, load: 'live', signals: ['logs'], count: 1 });
    const found = await measurePeer(peer, { ...wire, lanes: 1, warmMs: 0, measureMs: TRY_MS });
    if (found !== undefined && 'failed' in found) throw new Error(found.failed);
  }
}
