/**
 * `npm run bench:guard`: a thousand developers ask the guard while the collector takes exports, beside /healthz, which is answered by the
 * thread that listens, without the ledger: what a question costs beyond a connection. Prints the table of docs/benchmarks.md.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROUTES } from '../../collector/catalog/names.ts';
import { configSchema } from '../../collector/config/config.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import type { AskOrder, AskResult } from './askers.ts';
import { Bodies } from './bodies.ts';
import { fill } from './fill.ts';
import { CALENDAR, ledgerFileIn } from './ledger-file.ts';
import { killChildren, runLoad, startAskers, startServer } from './process.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '2000' },
    askers: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});
const [users, askers, rounds] = [Number(values.users), Number(values.askers), Number(values.rounds)];
const DAYS = 5;
const ENTRIES_PER_USER = 50;
/** Exports each second: what some 1,400 developers at work send. */
const RATE = 300;
/** Between two questions of a developer at work: answers are used again for 5 to 15 s. */
const EVERY_MS = 5_000;
const INGEST = 'ingest';
const PERSONAL_BUDGETS = 300;

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-guard-'));
process.once('exit', () => {
  killChildren();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const data = join(folder, 'data');
mkdirSync(data);
const asked = await sessionsOf(fillLedger());
const server = await startServer('ledger', data, values.profile, configOf(asked));
const asking = startAskers();
const bodies = join(folder, 'bodies');
const seconds = Math.max(1, rounds * 12);
await new Bodies(users, Date.now()).write({
  file: bodies,
  load: 'live',
  signals: ['logs', 'metrics'],
  encoding: 'protobuf',
  gzip: false,
  count: RATE * seconds,
});

const guard = asked.map(({ session, user }) => ({ path: `${ROUTES.guard}?session=${session}&event=UserPromptSubmit&format=hook`, token: user }));
const health = asked.map(({ user }) => ({ path: ROUTES.alive, token: user }));
type Wave = Pick<AskOrder, 'asked' | 'count' | 'withinMs'>;
const WAVES: readonly (readonly [name: string, wave: Wave])[] = [
  ['/healthz, each every 5 s', { asked: health, count: askers, withinMs: EVERY_MS }],
  ['guard, each every 5 s', { asked: guard, count: askers, withinMs: EVERY_MS }],
  ['/healthz, all within a second', { asked: health, count: askers, withinMs: 1_000 }],
  ['guard, all within a second', { asked: guard, count: askers, withinMs: 1_000 }],
  ['/healthz, all at once', { asked: health, count: askers, withinMs: 0 }],
  ['guard, all at once', { asked: guard, count: askers, withinMs: 0 }],
];

// The first compiles.
for (const [, wave] of WAVES.slice(2, 4)) await asking.ask({ ...wave, port: server.ports.api });
const [healthMs, guardMs] = [await busyMs(WAVES[2]), await busyMs(WAVES[3])];
const load = runLoad({
  ...{ transport: 'http', port: server.ports.http, file: bodies, encoding: 'protobuf', gzip: false, lanes: 32, token: INGEST },
  ...{ warmMs: 0, measureMs: seconds * 1_000, rate: RATE },
});
const results = new Map<string, AskResult[]>(WAVES.map(([name]) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, wave] of WAVES) results.get(name)?.push(await asking.ask({ ...wave, port: server.ports.api }));
}
const taken = await load;
print();
await server.stop();
process.exit(0);

/** What the collector is at work for one question, however many others hold the cores: before exports arrive. */
async function busyMs([, wave]: (typeof WAVES)[number] = ['', { asked: [], count: 0, withinMs: 0 }]): Promise<number> {
  const before = await server.usage();
  await asking.ask({ ...wave, port: server.ports.api });
  return ((await server.usage()).cpuSeconds - before.cpuSeconds) * (1_000 / wave.count);
}

function fillLedger(): string {
  const file = ledgerFileIn(data);
  fill(file, { people: users, days: DAYS, entries: users * ENTRIES_PER_USER, endMs: Date.now() }, () => undefined);
  return file;
}

interface Asker {
  readonly session: string;
  readonly user: string;
  readonly team: string;
}

/** The newest session of each user. */
async function sessionsOf(file: string): Promise<readonly Asker[]> {
  const reader = openReader({ file, ...CALENDAR });
  const newest = new Map<string, Asker>();
  for (const { sessionId, user, team } of await reader.sessions({ limit: users * 20 }))
    if (user !== '' && !newest.has(user)) newest.set(user, { session: encodeURIComponent(sessionId), user, team });
  await reader.close();
  return [...newest.values()].slice(0, askers);
}

/** The name of a user is the token, too. */
function configOf(everyone: readonly Asker[]): object {
  const token = (name: string, more: object) => ({ name, role: 'ingest', sha256: createHash('sha256').update(name).digest('hex'), ...more });
  const hard = (name: string, more: object) => ({ name, hard_limit: true, amount_usd: '1000000', ...more });
  const given = {
    auth: { tokens: [token(INGEST, {}), ...everyone.map(({ user }) => token(user, { user }))] },
    budgets: [
      hard('everybody', {}),
      hard('day', { per: 'user', period: 'day' }),
      hard('month', { per: 'user' }),
      hard('teams', { per: 'team' }),
      hard('workspaces', { per: 'workspace', period: 'week' }),
      ...everyone.slice(0, PERSONAL_BUDGETS).map(({ user }, index) => hard(`personal-${index}`, { scope: { user }, period: 'week' })),
    ],
    guard: { session: { warn_usd: '5.00', stop_usd: '100.00' } },
  };
  configSchema.parse(given);
  return given;
}

function print(): void {
  const [load1] = loadavg();
  console.log(
    `${askers} of ${users} users ask; ${RATE} exports/s meanwhile (${taken.refused} refused); ${cpus().length} cores (${cpus()[0]?.model}), load ${load1?.toFixed(0)}.
The collector is at work ${guardMs.toFixed(2)} ms for a question, connection included, and ${healthMs.toFixed(2)} ms for /healthz.\n`,
  );
  console.log('| | p50 | p95 | p99 | slowest | not answered |\n| --- | ---: | ---: | ---: | ---: | ---: |');
  const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  for (const [name, all] of results) {
    const of = (pick: (result: AskResult) => number): string => middle(all.map(pick)).toFixed(1);
    const failed = all.reduce((sum, one) => sum + one.failed, 0);
    console.log(
      `| ${name} | ${of(({ p50Ms }) => p50Ms)} | ${of(({ p95Ms }) => p95Ms)} | ${of(({ p99Ms }) => p99Ms)} | ${of(({ maxMs }) => maxMs)} | ${failed} |`,
    );
    const failure = all.find((one) => one.failed > 0)?.failure;
    if (failure !== undefined) console.error(`${name}: ${failure}`);
  }
}
