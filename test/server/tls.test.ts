import { credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { loadTls } from '../../collector/server/tls.ts';
import { grpcCaller, type Harness, post, protobufBody, startHarness, tokenOf } from '../ingest/otlp/harness.ts';
import { type Certificates, makeCertificates } from './certificates.ts';

let files: Certificates;
let harness: Harness | undefined;
beforeAll(() => {
  files = makeCertificates();
});
afterAll(() => files.remove());
afterEach(async () => {
  await harness?.drain();
  harness = undefined;
});

const serverTls = (mutual: boolean) => ({
  cert_file: files.path('server.crt'),
  key_file: files.path('server.key'),
  ...(mutual && { client_ca_file: files.path('ca.crt') }),
});

async function start(mutual: boolean, tokens = [] as ReturnType<typeof tokenOf>[]): Promise<Harness> {
  harness = await startHarness({ tls: serverTls(mutual), tokens });
  return harness;
}

async function overGrpc(port: number, client?: string, headers: Record<string, string> = {}): Promise<Buffer> {
  const pair = client === undefined ? [null, null] : [files.read(`${client}.key`), files.read(`${client}.crt`)];
  const caller = grpcCaller(port, credentials.createSsl(files.read('ca.crt'), pair[0], pair[1]));
  try {
    return await caller.call('logs', protobufBody('logs'), headers);
  } finally {
    caller.close();
  }
}

const overHttp = (port: number, client?: string) =>
  post(port, protobufBody('logs'), {
    tls: { ca: files.read('ca.crt'), ...(client !== undefined && { cert: files.read(`${client}.crt`), key: files.read(`${client}.key`) }) },
  });

describe('TLS', () => {
  test('should take exports on both transports', async () => {
    const { httpPort, grpcPort, exports } = await start(false);
    expect((await overHttp(httpPort)).status).toBe(200);
    expect(await overGrpc(grpcPort)).toHaveLength(0);
    expect(exports).toHaveLength(2);
  });

  test('should not answer plain text', async () => {
    const { httpPort, grpcPort, exports } = await start(false);
    await expect(post(httpPort, protobufBody('logs'))).rejects.toThrow();
    const caller = grpcCaller(grpcPort);
    await expect(caller.call('logs', protobufBody('logs'))).rejects.toMatchObject({ code: 14 });
    caller.close();
    expect(exports).toEqual([]);
  });
});

describe('mutual TLS', () => {
  test('should take exports of a client whose certificate the CA signed, without making its name an identity', async () => {
    const { httpPort, grpcPort, senders } = await start(true);
    expect((await overHttp(httpPort, 'client')).status).toBe(200);
    expect(await overGrpc(grpcPort, 'client')).toHaveLength(0);
    expect(senders).toEqual([{}, {}]);
  });

  test.each([
    ['without a certificate', undefined],
    ['with a certificate of another CA', 'stranger'],
  ])('should turn away a client %s', async (_name, client) => {
    const { httpPort, grpcPort, exports } = await start(true);
    await expect(overHttp(httpPort, client)).rejects.toThrow();
    await expect(overGrpc(grpcPort, client)).rejects.toMatchObject({ code: 14 });
    expect(exports).toEqual([]);
  });

  test('should still ask for the token where one is configured', async () => {
    const { grpcPort, httpPort, senders } = await start(true, [tokenOf('s3cret', { team: 'platform' })]);
    expect((await overHttp(httpPort, 'client')).status).toBe(401);
    await expect(overGrpc(grpcPort, 'client')).rejects.toMatchObject({ code: 16 });
    await overGrpc(grpcPort, 'client', { authorization: 'Bearer s3cret' });
    expect(senders).toEqual([{ name: 'laptop', team: 'platform' }]);
  });
});

describe('certificate files', () => {
  test('should be missed by the name of their key', () => {
    expect(() => loadTls({ ...serverTls(false), key_file: files.path('nowhere.key') })).toThrow('server.tls.key_file: cannot read');
  });

  test('should be refused at the start when certificate and key do not belong together', () => {
    expect(() => loadTls({ ...serverTls(false), key_file: files.path('client.key') })).toThrow('server.tls: the certificate, its key');
  });
});
