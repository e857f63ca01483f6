import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { limitedBy } from '../../collector/server/address.ts';
import { type Connection, ConnectionPool } from '../../collector/server/connections.ts';

/** Just what the pool uses of a socket. */
class FakeSocket extends EventEmitter {
  static ports = 0;
  readonly remoteAddress: string;
  readonly remotePort = FakeSocket.ports++;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function poolOf(connections: number, connections_per_address = connections) {
  const hits: string[] = [];
  const pool = new ConnectionPool({ connections, connections_per_address }, (limit, address) => void hits.push(`${limit} ${address}`));
  const sockets: FakeSocket[] = [];
  const open = (address: string): Connection | undefined => {
    const socket = new FakeSocket(address);
    sockets.push(socket);
    return pool.admit(socket as unknown as Socket); // the pool uses these members alone
  };
  /** Indices of those that are open. */
  const alive = (): number[] => sockets.flatMap(({ destroyed }, index) => (destroyed ? [] : [index]));
  return { pool, hits, open, alive };
}

describe('a full pool', () => {
  test('closes the connection that has been idle longest', () => {
    const { open, alive, hits } = poolOf(3);
    const [first] = [open('10.0.0.1'), open('10.0.0.2'), open('10.0.0.3')];
    first?.begin();
    first?.end();
    open('10.0.0.4');
    expect(alive()).toEqual([0, 2, 3]);
    expect(hits).toEqual(['limits.connections 10.0.0.2']);
  });

  test('closes first those that never proved who they are', () => {
    const { open, alive } = poolOf(3);
    open('10.0.0.1')?.prove();
    open('10.0.0.2')?.prove();
    open('10.0.0.3');
    open('10.0.0.4');
    expect(alive()).toEqual([0, 1, 3]);
    open('10.0.0.5');
    expect(alive()).toEqual([0, 1, 4]);
  });

  test('never closes one with a request under way, and refuses the newcomer when all have one', () => {
    const { open, alive, hits, pool } = poolOf(2);
    for (const address of ['10.0.0.1', '10.0.0.2']) open(address)?.begin();
    expect(open('10.0.0.3')).toBeUndefined();
    expect(alive()).toEqual([0, 1]);
    expect(hits).toEqual(['limits.connections 10.0.0.3']);
    expect(pool.size).toBe(2);
  });

  test('takes room from the address that has too many, not from others', () => {
    const { open, alive, hits } = poolOf(100, 2);
    open('10.0.0.9');
    for (let count = 0; count < 4; count++) open('10.0.0.1');
    expect(alive()).toEqual([0, 3, 4]);
    expect(hits).toEqual(['limits.connections_per_address 10.0.0.1', 'limits.connections_per_address 10.0.0.1']);
  });

  test('1,000 idle connections of one address leave room for a good one of the same', () => {
    const { open, pool, alive } = poolOf(1_000);
    for (let count = 0; count < 1_000; count++) open('127.0.0.1');
    const good = open('127.0.0.1');
    good?.begin();
    for (let count = 0; count < 1_000; count++) open('127.0.0.1');
    expect(pool.size).toBe(1_000);
    expect(alive()).toContain(1_000);
  });

  test('forgets what is closed', () => {
    const { open, pool, alive } = poolOf(2);
    const one = open('10.0.0.1');
    one?.begin();
    one?.close();
    // Its request ends after it.
    one?.end();
    open('10.0.0.2');
    open('10.0.0.3');
    expect(alive()).toEqual([1, 2]);
    expect(pool.size).toBe(2);
  });

  test('that drains closes what is idle at once, and the others when they are', () => {
    const { open, pool } = poolOf(3);
    const busy = open('10.0.0.1');
    open('10.0.0.2')?.prove();
    open('10.0.0.3');
    busy?.begin();
    pool.drain();
    expect(pool.size).toBe(1);
    busy?.end();
    expect(pool.size).toBe(0);
  });
});

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('the connections of %s are counted with those of %s', (address, expected) => expect(limitedBy(address)).toBe(expected));
