/** What every port does with connections, whatever is spoken over them. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Listener, type ListenerOptions, openListener } from '../../collector/server/listener.ts';
import { loadTls, type TlsMaterial } from '../../collector/server/tls.ts';
import { waitFor } from '../support/wait.ts';
import { type Certificates, makeCertificates } from './certificates.ts';

let files: Certificates;
let listener: Listener;
const failures: string[] = [];
beforeAll(() => {
  files = makeCertificates();
});
afterAll(() => files.remove());
afterEach(async () => {
  failures.length = 0;
  await listener.drain(0);
});

const LIMITS = { connections: 10, connections_per_address: 10 };
const BINDING = { host: '127.0.0.1', port: 0, key: 'server.api_port', flag: '--api-port' };

async function open(more: Partial<ListenerOptions> = {}): Promise<Listener> {
  listener = await openListener({
    binding: BINDING,
    limits: LIMITS,
    onLimit: () => {},
    protocols: ['http/1.1'],
    connect: (socket) => void socket.on('data', (chunk: Buffer) => socket.write(chunk)),
    onHandshakeError: ({ code }) => void failures.push(code ?? ''),
    ...more,
  });
  return listener;
}

const material = (name = 'server'): TlsMaterial => {
  const loaded = loadTls({ cert_file: files.path(`${name}.crt`), key_file: files.path(`${name}.key`) });
  if (loaded === undefined) throw new Error('no certificate');
  return loaded;
};
const fixed = () => ({ current: material(), onChange: () => undefined });
const raw = (): Socket => connect(listener.port, '127.0.0.1').on('error', () => {});
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.on('close', resolve).resume());

const HELLO = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

describe('a TLS handshake', () => {
  test.each<[string, Buffer | string]>([
    ['never begins', ''],
    ['begins and does not go on', HELLO],
  ])('that %s is closed when its time is over, and nothing of it stays', async (_what, bytes) => {
    const { pool } = await open({ tls: fixed(), handshakeMs: 50 });
    const socket = raw();
    socket.write(bytes);
    await waitFor('the connection', () => pool.size === 1 || failures.length === 1);
    await closed(socket);
    await waitFor('the end of it', () => pool.size === 0);
    expect(failures).toEqual(['ERR_TLS_HANDSHAKE_TIMEOUT']);
  });

  test.each<[string, Buffer | string, (socket: Socket) => void]>([
    ['is left by the client', '', (socket) => socket.end()],
    ['is left in the middle', HELLO, (socket) => socket.end()],
    ['is reset in the middle', HELLO, (socket) => socket.resetAndDestroy()],
    ['is no handshake', 'GET / HTTP/1.1\r\n\r\n', () => {}],
  ])('that %s leaves nothing', async (_what, bytes, leave) => {
    const { pool } = await open({ tls: fixed() });
    const socket = raw();
    const gone = closed(socket);
    socket.write(bytes);
    await waitFor('the connection', () => pool.size === 1 || failures.length === 1);
    leave(socket);
    await gone;
    await waitFor('the end of it', () => pool.size === 0);
  });

  test('with a new certificate is made by new connections, while an old one lives', async () => {
    let replace: (next: TlsMaterial) => void = () => {};
    await open({
      tls: {
        current: material(),
        onChange: (change) => {
          replace = change;
        },
      },
    });
    const one = await connected();
    expect(one.socket.getPeerCertificate().subject.CN).toBe('server');
    replace(material('client'));
    const other = await connected();
    expect(other.socket.getPeerCertificate().subject.CN).toBe('client');
    for (const { socket } of [one, other]) expect(await echoOf(socket, 'still here')).toBe('still here');
    for (const { socket } of [one, other]) socket.destroy();
  });
});

async function connected() {
  const socket = connectTls({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => {});
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return { socket };
}

function echoOf(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.write(text);
  });
}

describe('connections', () => {
  test('beyond the limit close the one that has been idle longest, with TLS as without', async () => {
    for (const tls of [undefined, fixed()]) {
      const { pool, port } = await open({ tls, limits: { connections: 2, connections_per_address: 2 } });
      const idle = [raw(), raw()];
      const gone = idle.map(closed);
      await waitFor('both to be counted', () => pool.size === 2);
      const good = tls === undefined ? connect(port, '127.0.0.1') : (await connected()).socket;
      expect(await echoOf(good, 'hello')).toBe('hello');
      await gone[0];
      expect(pool.size).toBe(2);
      good.destroy();
      await listener.drain(0);
      await gone[1];
    }
    await open();
  });

  test('that are reset end quietly', async () => {
    const { pool } = await open();
    const socket = raw();
    await waitFor('the connection', () => pool.size === 1);
    socket.resetAndDestroy();
    await waitFor('the end of it', () => pool.size === 0);
  });
});
