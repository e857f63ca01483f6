/**
 * Clients that are connected and have nothing to say, in a process of their own: each sends an export without records, keeps its connection
 * and waits.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface IdleOrder {
  readonly port: number;
  /** One address may hold a part of the connections alone; clients come from many. */
  readonly addresses: readonly string[];
  readonly count: number;
}

export type ToClients = { readonly open: IdleOrder } | 'count';
export type FromClients = { readonly open: number } | { readonly failed: string };

/** More than that in the same instant would find the queue of the listening socket full. */
const AT_ONCE = 100;
const OK = 'HTTP/1.1 200 ';
const sockets: Socket[] = [];

async function openOne({ port, addresses }: IdleOrder, index: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: addresses[index % addresses.length] });
  await once(socket, 'connect');
  socket.write(`POST /v1/logs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n`);
  const closed = once(socket, 'close').then(() => {
    throw new Error('The server closed a connection instead of answering.');
  });
  closed.catch(() => undefined); // It is closed at some time, in any case.
  const [answer] = await Promise.race([once(socket, 'data'), closed]);
  if (!String(answer).startsWith(OK)) throw new Error(`A client was answered ${String(answer).slice(0, 100)}`);
  // Whether it is still open is asked at the end.
  socket.on('error', () => undefined);
  sockets.push(socket);
}

async function openAll(order: IdleOrder): Promise<void> {
  let next = 0;
  const take = async (): Promise<void> => {
    while (next < order.count) await openOne(order, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

const answer = (message: FromClients) => process.send?.(message);
const countOpen = () => answer({ open: sockets.filter(({ readyState }) => readyState === 'open').length });

process.on('message', (message: ToClients) => {
  if (message === 'count') countOpen();
  else openAll(message.open).then(countOpen, (error: unknown) => answer({ failed: error instanceof Error ? error.message : String(error) }));
});
process.once('disconnect', () => process.exit(1));
