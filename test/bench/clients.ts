/** What memory the collector takes with thousands of clients connected, few of which send at any moment. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bodies } from './bodies.ts';
import { LANES } from './ingest.ts';
import { type Measured, measure, rate } from './measure.ts';
import { type Server, startIdleClients, startServer } from './process.ts';
import { megabytes, ms, type Report, whole } from './report.ts';

export interface ClientsOptions {
  readonly folder: string;
  readonly nowMs: number;
  readonly people: number;
  readonly seconds: number;
  readonly clients: number;
}

/** Exports per second: what some 450 active developers send. */
const RATE = 100;
const WARM_MS = 2_000;
const PROCESSES = 2;
/** Less than what may come from one address, and some to spare. */
const CLIENTS_OF_ADDRESS = 1_000;
/** What the server has open beside its clients' connections. */
const OTHER_FILES = 500;
const RSS_AIM_MB = 400;

export async function benchClients(options: ClientsOptions, report: Report): Promise<void> {
  const clients = Math.min(options.clients, filesMax() - OTHER_FILES);
  if (clients < options.clients) {
    report.note(
      `Only ${whole(clients)} clients: the limit of open files is ${whole(filesMax())}. Raise it (ulimit -n) for ${whole(options.clients)}.`,
    );
  }
  const data = join(options.folder, 'clients');
  mkdirSync(data);
  const server = await startServer('ledger', data);
  const load = loadOf(server, options);
  const alone = await load();
  const { open, close } = await connectAll(server, clients, report);
  const beside = await load();
  const stillOpen = await open();
  close();
  await server.stop();
  const row = (name: string, result: Measured): string[] => [
    ...[name, megabytes(result.rssBytes), whole(rate(result)), ms(result.p50Ms), ms(result.p99Ms)],
  ];
  report.table(
    `Connected clients at ${RATE} exports/s`,
    ['', 'RSS MB', 'exports/s', 'p50 ms', 'p99 ms'],
    [row('only those that send', alone), row(`${whole(stillOpen)} more, idle`, beside)],
  );
  report.note(`An idle client takes ${whole((beside.rssBytes - alone.rssBytes) / stillOpen / 1000)} kB.`);
  const rssMb = beside.rssBytes / 1e6;
  report.aim({
    name: `memory with ${whole(stillOpen)} connected clients`,
    aim: `at most ${RSS_AIM_MB} MB`,
    measured: `${whole(rssMb)} MB (without them ${megabytes(alone.rssBytes)})`,
    isMet: rssMb <= RSS_AIM_MB && stillOpen === options.clients,
  });
}

/** Node raises its own soft limit to this one. */
const filesMax = (): number => Number(/^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.MAX_SAFE_INTEGER);

function loadOf(server: Server, { folder, nowMs, people, seconds }: ClientsOptions): () => Promise<Measured> {
  const bodies = new Bodies(people, nowMs);
  const file = join(folder, 'bodies');
  const order = { file, transport: 'http', encoding: 'protobuf', gzip: false, lanes: LANES, rate: RATE, measureMs: seconds * 1000 } as const;
  const count = Math.ceil((RATE * (WARM_MS + order.measureMs)) / 1000);
  return async () => {
    await bodies.write({ ...order, load: 'live', signals: ['logs', 'metrics'], count });
    return measure(server, { ...order, warmMs: WARM_MS });
  };
}

interface Connected {
  /** How many still are. */
  open(): Promise<number>;
  close(): void;
}

async function connectAll({ ports }: Server, clients: number, report: Report): Promise<Connected> {
  const startedMs = performance.now();
  const each = Math.ceil(clients / PROCESSES);
  const all = Array.from({ length: PROCESSES }, startIdleClients);
  await Promise.all(
    all.map((one, process) => {
      const count = Math.min(each, clients - process * each);
      const addresses = Array.from({ length: Math.ceil(count / CLIENTS_OF_ADDRESS) }, (_, index) => `127.0.${process + 1}.${index + 1}`);
      return one.open({ port: ports.http, addresses, count });
    }),
  );
  report.say(`${whole(clients)} clients connected in ${ms((performance.now() - startedMs) / 1000)} s`);
  return {
    open: async () => (await Promise.all(all.map((one) => one.count()))).reduce((sum, open) => sum + open, 0),
    close: () => {
      for (const one of all) one.close();
    },
  };
}
