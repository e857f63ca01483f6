/** A proxy before PostgreSQL that breaks connections at a chosen moment, or is silent from then on. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PostgresProxy {
  readonly port: number;
  /** The next commit is carried out, and its answer is lost with the connection. */
  loseNextCommit(): void;
  /** The same with all that come, until it is called with false. */
  loseCommits(isLosing: boolean): void;
  /** From now on nothing passes in either direction, on new connections neither; none ends. */
  freeze(): void;
  /** A connection on which a client says this is silent from then on. */
  swallow(words: string): void;
  /** How many were lost. */
  readonly lost: number;
  close(): Promise<void>;
}

/** As the simple and the extended protocol send it. */
const COMMIT = 'COMMIT';

export async function startPostgresProxy(port: number): Promise<PostgresProxy> {
  let isArmed: 'once' | 'always' | undefined;
  let isFrozen = false;
  let swallowed: string | undefined;
  let lost = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(port, '127.0.0.1');
    let isLosing = false;
    let isSilent = false;
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      const words = bytes.toString('latin1');
      isSilent ||= isFrozen || (swallowed !== undefined && words.includes(swallowed));
      if (isSilent) return;
      if (isArmed !== undefined && words.includes(COMMIT)) {
        if (isArmed === 'once') isArmed = undefined;
        isLosing = true;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (isSilent || isFrozen) return;
      if (!isLosing) return void client.write(bytes);
      lost++;
      end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    loseNextCommit: () => {
      isArmed = 'once';
    },
    loseCommits: (isLosing) => {
      isArmed = isLosing ? 'always' : undefined;
    },
    freeze: () => {
      isFrozen = true;
    },
    swallow: (words) => {
      swallowed = words;
    },
    get lost() {
      return lost;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
