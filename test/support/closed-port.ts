/** A port of this machine that refuses connections, and stays so: a port that was merely free may be another process' a moment later. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export interface ClosedPort {
  readonly port: number;
  release(): void;
}

/** Nothing can listen at the near end of a connection that is open. */
export async function closedPort(): Promise<ClosedPort> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  const socket = connect(address.port, '127.0.0.1');
  const [[far]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  const release = (): void => {
    socket.destroy();
    far.destroy();
    server.close();
  };
  return { port: socket.localPort ?? 0, release };
}
