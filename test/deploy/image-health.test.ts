/** The health check of the image, as Docker runs it, but for the port: of real collectors with and without TLS, and of none. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Certificates, makeCertificates } from '../server/certificates.ts';
import { freePort } from '../support/backends.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';
import { read } from '../support/sources.ts';
import { StandInServer } from '../support/stand-in-server.ts';

/** A collector that cannot do its work says so by 503. */
class Unready extends StandInServer {
  protected override answer(_: IncomingMessage, response: ServerResponse): void {
    response.writeHead(503).end();
  }
}

const [, command = '[]'] = /^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$/m.exec(read('deploy/docker/Dockerfile')) ?? [];
const [program, ...args] = JSON.parse(command) as readonly string[];

const exitCodeOn = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const own = args.map((arg) => arg.replaceAll('8484', String(port)));
    execFile(process.execPath, own, (error) => resolve(error === null ? 0 : Number(error.code)));
  });

describe('the health check of the image', () => {
  let folder: string;
  let certificates: Certificates;
  let collectors: readonly CollectorProcess[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-health-'));
    certificates = makeCertificates();
    const tls = { cert_file: certificates.path('server.crt'), key_file: certificates.path('server.key') };
    collectors = await Promise.all([spawnCollector(join(folder, 'plain')), spawnCollector(join(folder, 'tls'), { server: { tls } })]);
  });
  afterAll(async () => {
    await Promise.all((collectors ?? []).map((collector) => collector.stop()));
    certificates?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is passed by a collector that is ready, also over TLS, and by nothing else', async () => {
    expect(program).toBe('node');
    for (const { ports } of collectors) expect(await exitCodeOn(ports.api)).toBe(0);
    expect(await exitCodeOn(await freePort())).toBe(1);
    const unready = await new Unready().start();
    expect(await exitCodeOn(Number(new URL(unready.url).port))).toBe(1);
    await unready.stop();
  });
});
