import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CollectorPorts } from '../../collector/app/collector.ts';
import { ROUTES } from '../../collector/catalog/names.ts';
import { encodeProtobuf } from '../../collector/demo/wire.ts';
import { ANY_PORTS, RunningCommand } from '../cli/command.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { waitFor } from '../support/wait.ts';
import { CollectorProcess } from './collector-process.ts';
import { Inspector, noFindings } from './inspect.ts';
import { Load } from './load.ts';
import { ledgerInFile } from './opened-ledger.ts';
import { DIRECT } from './routes.ts';
import { openSender } from './senders.ts';
import { type PlannedExport, Traffic } from './traffic.ts';
import { Truth } from './truth.ts';

let data: string;
let random: Random;
let traffic: Traffic;
let truth: Truth;
let load: Load;
let inspector: Inspector;
let collector: CollectorProcess;
const started: CollectorProcess[] = [];
const commands: RunningCommand[] = [];

function newCollector(): CollectorProcess {
  const created = new CollectorProcess();
  started.push(created);
  return created;
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerline-faults-'));
  random = seededRandom('stops and broken requests');
  traffic = new Traffic(random, Date.now());
  truth = new Truth();
  load = new Load(traffic, random, truth);
  inspector = new Inspector(ledgerInFile(join(data, 'ledger.sqlite')), truth);
  collector = newCollector();
});
afterEach(async () => {
  for (const command of commands.splice(0)) command.child.kill('SIGKILL');
  await Promise.all(started.splice(0).map((process) => process.kill()));
  rmSync(data, { recursive: true });
});

async function expectAllIsWell(): Promise<void> {
  await inspector.look(truth.sessions);
  await inspector.lookInside();
  expect(inspector.findings).toEqual(noFindings());
}

/** As the command prints them. */
async function portsOf(command: RunningCommand): Promise<CollectorPorts> {
  const api = Number(new URL(await command.boardUrl()).port);
  const port = (label: string) => Number(new RegExp(`${label} .*:(\\d+)`).exec(command.out)?.[1]);
  return { otlpHttp: port('OTLP over HTTP'), otlpGrpc: port('OTLP over gRPC'), metrics: port('Prometheus'), api };
}

describe('SIGTERM under load', () => {
  test('everything on its way is answered, everything answered is there, and the process ends with 0', async () => {
    const command = new RunningCommand(['serve', '--data', data, ...ANY_PORTS]);
    commands.push(command);
    const running = load.run(await portsOf(command));
    await waitFor('100 acknowledged exports', () => truth.acknowledgedExports >= 100);
    expect((await command.stop('SIGTERM')).code).toBe(0);
    // The ledger was closed in order: nothing is left for the next start to recover.
    expect(existsSync(join(data, 'ledger.sqlite-wal'))).toBe(false);
    await running;
    await expectAllIsWell();
    // What was committed was also answered: nobody has to send it again.
    expect(inspector.committedUnanswered).toBe(0);
    expect(truth.acknowledgedExports).toBeGreaterThanOrEqual(100);
  });

  test('what was refused on the way out is taken by the next collector', async () => {
    const running = load.run(await collector.start({ data }));
    await waitFor('30 acknowledged exports', () => truth.acknowledgedExports >= 30);
    await collector.stop();
    await running;
    const next = newCollector();
    await load.settle(await next.start({ data }));
    await next.stop();
    await expectAllIsWell();
  });
});

test('a second collector on the same folder refuses with a sentence, and the first goes on', async () => {
  const ports = await collector.start({ data });
  await expect(newCollector().start({ data })).rejects.toThrow(
    /is in use by another collector\. Stop that collector, or give this one its own folder/,
  );
  await expectTaken(ports, traffic.next());
  await collector.stop();
  await expectAllIsWell();
});

describe('a request that breaks off', () => {
  test('in the middle of its body over HTTP leaves nothing behind and harms nobody', async () => {
    const ports = await collector.start({ data });
    const broken = traffic.next();
    for (const share of [0, 0.1, 0.5, 0.99]) await breakOffHttp(ports.otlpHttp, broken, share);
    await expectTaken(ports, traffic.next());
    await collector.stop();
    await expectAllIsWell();
    await expectAbsent(broken);
  });

  test('in the middle of its message over gRPC leaves nothing behind and harms nobody', async () => {
    const ports = await collector.start({ data });
    const broken = traffic.next();
    await breakOffGrpc(ports.otlpGrpc, broken);
    await expectTaken(ports, traffic.next());
    await collector.stop();
    await expectAllIsWell();
    await expectAbsent(broken);
  });

  test('after its last byte is booked although nobody waits for the answer, and once only when it comes again', async () => {
    const ports = await collector.start({ data });
    const impatient = traffic.next();
    await breakOffHttp(ports.otlpHttp, impatient, 1);
    truth.sending(impatient);
    // What an inspector finds counts only when nothing is in flight: these look while the ledger commits, and are thrown away.
    await waitFor('the export in the ledger', async () => {
      const passing = new Inspector(ledgerInFile(join(data, 'ledger.sqlite')), truth);
      await passing.look(truth.sessions);
      return passing.committedUnanswered === 1;
    });
    await inspector.look(truth.sessions);
    expect(inspector.committedUnanswered).toBe(1);
    await expectTaken(ports, impatient);
    await collector.stop();
    await expectAllIsWell();
  });
});

async function expectTaken(ports: CollectorPorts, sent: PlannedExport): Promise<void> {
  truth.sending(sent);
  for (const transport of ['protobuf', 'json', 'grpc'] as const) {
    const sender = openSender(transport, ports);
    expect(await sender.send(sent, DIRECT)).toBe('taken');
    sender.close();
  }
  truth.acknowledge(sent);
}

/** The truth does not know of it, so that any trace of it would be an entry that nobody sent. */
async function expectAbsent(sent: PlannedExport): Promise<void> {
  truth.sending(sent);
  const after = new Inspector(ledgerInFile(join(data, 'ledger.sqlite')), truth);
  await after.look(truth.sessions);
  expect(after.findings).toEqual(noFindings());
  expect(after.committedUnanswered).toBe(0);
}

const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

async function breakOffHttp(port: number, { signal, parts }: PlannedExport, share: number): Promise<void> {
  const body = Buffer.from(encodeProtobuf(parts));
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const head = `POST ${ROUTES[signal]} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.write(head);
  await new Promise((written) => socket.write(body.subarray(0, Math.floor(body.length * share)), written));
  const gone = closed(socket);
  socket.destroySoon();
  await gone;
}

async function breakOffGrpc(port: number, { signal, parts }: PlannedExport): Promise<void> {
  const body = Buffer.from(encodeProtobuf(parts));
  const frame = Buffer.alloc(5 + body.length);
  frame.writeUInt32BE(body.length, 1);
  body.copy(frame, 5);
  const service = signal === 'logs' ? 'logs.v1.LogsService' : 'metrics.v1.MetricsService';
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  const headers = {
    ':method': 'POST',
    ':path': `/opentelemetry.proto.collector.${service}/Export`,
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const stream = session.request(headers);
  stream.on('error', () => undefined);
  await new Promise((written) => stream.write(frame.subarray(0, frame.length / 2), written));
  const gone = new Promise((resolve) => session.once('close', resolve));
  session.destroy();
  await gone;
}
