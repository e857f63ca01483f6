/** Binding a port, with an error that names the key of the configuration. */
import type { Server } from 'node:net';
import { LedgerlineError } from '../core/error.ts';

export interface Binding {
  readonly host: string;
  readonly port: number;
  /** For messages: the key that holds the port, and the flag that sets it. */
  readonly key: string;
  readonly flag: string;
}

function describe(error: NodeJS.ErrnoException, { host, port, key, flag }: Binding): LedgerlineError {
  const details = { cause: error, hint: `Stop the process that uses it, or choose another port with ${flag} (0 picks a free one).` };
  if (error.code === 'EADDRINUSE') return new LedgerlineError('unavailable', `${key}: port ${port} on ${host} is already in use.`, details);
  if (error.code === 'EACCES') {
    const hint = `Choose a port from 1024 on with ${flag}, or grant the right to bind it.`;
    return new LedgerlineError('forbidden', `${key}: this process may not bind port ${port} on ${host}.`, { cause: error, hint });
  }
  const hint = 'Set server.host to an address of this machine, such as 127.0.0.1.';
  return new LedgerlineError('invalid', `server.host: cannot bind ${host} (${error.code ?? error.message}).`, { cause: error, hint });
}

/** Resolves to the port that was bound. */
export function listen(server: Server, binding: Binding): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(describe(error, binding));
    server.once('error', onError);
    server.listen({ host: binding.host, port: binding.port }, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : binding.port);
    });
  });
}
