/** Sockets between the threads of this process: in a folder that only its user can enter, or under names nobody guesses. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerlineError } from '../core/error.ts';

export interface PrivateSockets {
  pathOf(name: 'api' | 'metrics'): string;
  remove(): Promise<void>;
}

/** What macOS, the strictest, allows for the path of a socket, without its end. */
const PATH_BYTES_MAX = 103;

/** In the first of `folders` that can be written to and is not too long: the temporary one, unless given. Throws `invalid`. */
export async function makePrivateSockets(folders: readonly string[]): Promise<PrivateSockets> {
  if (process.platform === 'win32') {
    const id = randomUUID();
    return { pathOf: (name) => `\\\\.\\pipe\\ledgerline-${id}-${name}`, remove: async () => undefined };
  }
  const causes: unknown[] = [];
  for (const folder of [tmpdir(), ...folders]) {
    const prefix = join(folder, 'ledgerline-');
    if (Buffer.byteLength(`${prefix}XXXXXX/metrics`) > PATH_BYTES_MAX) continue;
    try {
      const made = await mkdtemp(prefix);
      return { pathOf: (name) => join(made, name), remove: () => rm(made, { recursive: true, force: true }) };
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new LedgerlineError('invalid', 'There is no folder for the sockets between the threads of the collector.', {
    cause: causes[0],
    hint: 'Set TMPDIR to a short path that the collector may write to, such as /tmp.',
  });
}

/** Headers of a client, and what the front adds to them. */
const HEADER_BYTES_MAX = 64 * 1024;

/** Resolves when it listens. What an ended thread left at the path is removed. */
export async function listenOnSocket(listener: RequestListener, path: string): Promise<{ close(): Promise<void> }> {
  // Who sends slowly was found out by the front.
  const server = createServer({ keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: HEADER_BYTES_MAX }, listener);
  if (process.platform !== 'win32') await rm(path, { force: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  return {
    close: () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  };
}
