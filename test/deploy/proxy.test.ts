/** The proxies' examples, run by real proxies in front of two real collectors: every export arrives, also when one of them is gone. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../collector/config/config.ts';
import { type Certificates, makeCertificates } from '../server/certificates.ts';
import { describeWithBackend, findBackend, freePort } from '../support/backends.ts';
import { startNative } from '../support/backends-run.ts';
import { type CapturedRequest, loadCaptures } from '../support/captures.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { read } from '../support/sources.ts';
import { waitFor } from '../support/wait.ts';

const EXAMPLES = {
  // nginx removes its pid file when it ends: never one of the system's.
  nginx: { file: 'deploy/proxy/nginx.conf', args: (file: string) => ['-c', file, '-e', 'stderr', '-g', `daemon off; pid ${file}.pid;`] },
  caddy: { file: 'deploy/proxy/Caddyfile', args: (file: string) => ['run', '--adapter', 'caddyfile', '--config', file] },
} as const;
type Proxy = keyof typeof EXAMPLES;
const PROXIES = Object.keys(EXAMPLES) as Proxy[];
/** Each of them first over HTTP, then over gRPC. */
const captures = [...loadCaptures().values()].flat().filter(({ signal }) => signal !== 'traces');
const sent = (['http', 'grpc'] as const).flatMap((transport) => captures.filter((captured) => captured.transport === transport).slice(0, 40));

describe.each(PROXIES)('%s', (name) => {
  describeWithBackend(name, 'in front of two collectors', () => {
    let folder: string;
    let certificates: Certificates;
    let collectors: readonly CollectorProcess[];
    let proxy: ReturnType<typeof startNative>;
    let ports: { readonly http: number; readonly grpc: number; readonly web: number };
    let agent: Agent;
    let grpc: Client;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'ledgerline-proxy-'));
      certificates = makeCertificates();
      collectors = await Promise.all(['a', 'b'].map((data) => spawnCollector(join(folder, data))));
      ports = { http: await freePort(), grpc: await freePort(), web: await freePort() };
      const file = join(folder, 'proxy.conf');
      writeFileSync(file, exampleFor(name, ports, collectors, certificates, folder));
      const backend = findBackend(name);
      if (backend.kind !== 'native') throw new Error(`${name} in a container is not written yet`);
      proxy = startNative(backend.path, EXAMPLES[name].args(file), { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder });
      agent = new Agent({ ca: certificates.read('ca.crt'), keepAlive: true });
      grpc = new Client(`localhost:${ports.grpc}`, credentials.createSsl(certificates.read('ca.crt')));
      await waitFor(`${name}`, async () => (await ask('GET', ports.web, '/healthz')).status === 200, { context: proxy.log });
    });
    afterAll(async () => {
      grpc?.close();
      agent?.destroy();
      await proxy?.stop();
      await Promise.all((collectors ?? []).map((collector) => collector.stop()));
      certificates?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    test('passes on exports over HTTP and gRPC, and what boards ask', async () => {
      for (const captured of sent) expect(await deliver(captured)).toBe('taken');
      expect(await arrived()).toBeGreaterThan(100);
      expect((await ask('GET', ports.web, '/api/v1/spend?by=model')).status).toBe(200);
    });

    test('passes on changes that a page asks for', async () => {
      const headers = { origin: `https://localhost:${ports.web}`, 'content-type': 'application/json' };
      const { status, text } = await ask('PUT', ports.web, '/api/v1/budgets/page', headers, Buffer.from('{"period":"month","amount_usd":"10"}'));
      expect([status, text]).toEqual([200, expect.stringContaining('"page"')]);
    });

    test('passes on the largest export that the collector takes', async () => {
      const body = Buffer.from('{}'.padStart(defaultConfig().limits.body_bytes));
      expect((await ask('POST', ports.http, '/v1/logs', { 'content-type': 'application/json' }, body)).status).toBe(200);
    });

    test('passes on all of them when one collector is gone', async () => {
      await collectors[0]?.stop();
      for (const captured of sent) expect(await deliver(captured)).toBe('taken');
    });

    test('has changes and boards answered when one collector is gone', async () => {
      const change = Buffer.from('{"period":"month","amount_usd":"10"}');
      // Each of them may be given to the one that is gone first.
      for (let asked = 0; asked < 12; asked++)
        expect((await ask('PUT', ports.web, '/api/v1/budgets/page', { 'content-type': 'application/json' }, change)).status).toBe(200);
      expect((await ask('GET', ports.web, '/api/v1/spend?by=model')).status).toBe(200);
    });

    const deliver = (captured: CapturedRequest): Promise<string> => (captured.transport === 'http' ? post(captured) : call(captured));

    async function post({ path, headers, body }: CapturedRequest): Promise<string> {
      const { status, text } = await ask('POST', ports.http, path, headers, body);
      return status === 200 ? 'taken' : `${status} ${text}`;
    }

    function call({ path, body, isCompressed }: CapturedRequest): Promise<string> {
      const raw = (bytes: Buffer) => bytes;
      return new Promise((resolve) => {
        grpc.makeUnaryRequest(path, raw, raw, isCompressed ? gunzipSync(body) : body, (error) => resolve(error === null ? 'taken' : error.message));
      });
    }

    function ask(
      method: string,
      port: number,
      path: string,
      headers = {},
      body?: Buffer,
    ): Promise<{ readonly status: number; readonly text: string }> {
      const answered = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
      const asked = request({ method, host: 'localhost', port, path, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => answered.resolve({ status: response.statusCode ?? 0, text }));
      });
      asked.on('error', answered.reject);
      asked.end(body);
      return answered.promise;
    }

    /** In both ledgers. */
    async function arrived(): Promise<number> {
      let entries = 0;
      for (const { ports: own } of collectors) {
        const response = await fetch(`http://127.0.0.1:${own.api}/api/v1/status`);
        entries += ((await response.json()) as { readonly entries: number }).entries;
      }
      return entries;
    }
  });
});

/** The example with this machine's ports, names and certificates in the place of its own. */
function exampleFor(
  name: Proxy,
  ports: { readonly http: number; readonly grpc: number; readonly web: number },
  collectors: readonly CollectorProcess[],
  certificates: Certificates,
  folder: string,
): string {
  let text = read(EXAMPLES[name].file);
  for (const [index, { ports: own }] of collectors.entries()) {
    const first = index + 1;
    text = text.replaceAll(`127.0.0.1:${first}4318`, `127.0.0.1:${own.otlpHttp}`);
    text = text.replaceAll(`127.0.0.1:${first}4317`, `127.0.0.1:${own.otlpGrpc}`);
    text = text.replaceAll(`127.0.0.1:${first}8484`, `127.0.0.1:${own.api}`);
  }
  const tls = [certificates.path('server.crt'), certificates.path('server.key')];
  if (name === 'nginx') {
    return (
      text
        .replaceAll('/etc/nginx/tls/certificate.pem', tls[0] ?? '')
        .replaceAll('/etc/nginx/tls/key.pem', tls[1] ?? '')
        // Of parts that the example does not use: their default folders are those of an installed nginx.
        .replace('  server_tokens off;', ['fastcgi', 'uwsgi', 'scgi'].map((part) => `${part}_temp_path ${join(folder, part)};`).join(''))
        .replace('worker_processes auto;', process.getuid?.() === 0 ? 'user root; worker_processes 2;' : 'worker_processes 2;')
        .replaceAll('/tmp/nginx-', join(folder, 'nginx-'))
        .replaceAll(/listen (\d+) ssl/g, (_, port: string) => `listen 127.0.0.1:${{ 4318: ports.http, 4317: ports.grpc }[port] ?? ports.web} ssl`)
    );
  }
  return (isOldCaddy() ? text.replaceAll('request_buffers 16MiB', 'buffer_requests') : text)
    .replace('{\n\tservers', '{\n\tadmin off\n\tauto_https disable_redirects\n\tservers')
    .replaceAll(
      /^\S+\.example:(\d+) \{/gm,
      (_, port: string) => `localhost:${{ 4318: ports.http, 4317: ports.grpc }[port] ?? ports.web} {\n\ttls ${tls.join(' ')}`,
    );
}

/** Debian 12 has 2.6.2, which calls it by another name. */
function isOldCaddy(): boolean {
  const backend = findBackend('caddy');
  if (backend.kind !== 'native') return false;
  const { stdout } = spawnSync(backend.path, ['version'], { encoding: 'utf8' });
  const [, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? '').split('.').map(Number);
  return minor < 6 || (minor === 6 && patch < 4);
}
