/** A proxy before PostgreSQL that breaks connections at a chosen moment. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PostgresProxy {
  readonly port: number;
  /** The next commit is carried out, and its answer is lost with the connection. */
  loseNextCommit(): void;
  /** How many were lost. */
  readonly lost: number;
  close(): Promise<void>;
}

/** As the simple and the extended protocol send it. */
const COMMIT = 'COMMIT';

export async function startPostgresProxy(port: number): Promise<PostgresProxy> {
  let isArmed = false;
  let lost = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(port, '127.0.0.1');
    let isLosing = false;
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      if (isArmed && bytes.toString('latin1').includes(COMMIT)) {
        isArmed = false;
        isLosing = true;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
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
      isArmed = true;
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
