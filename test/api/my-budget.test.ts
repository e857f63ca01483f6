/** Budgets of every kind over REST: they say what GET /api/v1/spend says, and a developer's own question is answered without the ledger. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outbox } from '../../collector/alerts/outbox.ts';
import { createApi } from '../../collector/api/api.ts';
import type { Budget, BudgetWriter } from '../../collector/budgets/journal.ts';
import { BudgetWatch } from '../../collector/budgets/spend-watch.ts';
import { TOKEN_CLASSES } from '../../collector/config/budgets.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { createPseudonymizer } from '../../collector/ingest/attribution/pseudonym.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import type { BudgetListAnswer, StatusAnswer } from '../../collector/query/budget-answers.ts';
import type { MyBudgetAnswer } from '../../collector/query/my-budget.ts';
import type { SpendAnswer } from '../../collector/query/spend.ts';
import { listenHttp, type RunningServer } from '../../collector/server/http-server.ts';
import { openAlertStore } from '../../collector/storage/sqlite/alert-store.ts';
import { openBudgetStore } from '../../collector/storage/sqlite/budget-store.ts';
import { QueryThread } from '../../collector/storage/sqlite/query-client.ts';
import { event, NOON } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { DAY, generateBudget, generateEntries, LEDGER, MOMENTS, near, USERS } from '../support/random-budgets.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { waitFor } from '../support/wait.ts';
import { startApi, type TestApi } from './support.ts';

const ROUNDS = 60;

/** The reading side as it runs: with a watch over the spend on a thread of its own, and beside it without. */
class ReadWorker {
  nowMs: number;
  readonly journal: BudgetWriter;
  readonly #alerts: Outbox;
  readonly watch: BudgetWatch;
  readonly #ledger: TestLedger;
  readonly #config: Config;
  readonly #thread: QueryThread;
  readonly #servers: RunningServer[] = [];

  constructor(ledger: TestLedger, budgets: readonly object[], nowMs: number) {
    this.nowMs = nowMs;
    this.#ledger = ledger;
    this.#config = configSchema.parse({ budgets, timezone: LEDGER.timeZone, week_start: LEDGER.weekStart });
    const journalFile = join(dirname(ledger.file), 'budgets.sqlite');
    this.journal = openBudgetStore(journalFile);
    this.#alerts = openAlertStore(journalFile);
    this.#thread = new QueryThread({ file: ledger.file, ...LEDGER });
    this.watch = new BudgetWatch({ ...this.#common(), elsewhere: this.#thread, log: (_code, message) => expect(message).toBe('') });
  }

  #common() {
    return { reader: this.#ledger.reader, config: this.#config, budgets: this.journal, now: () => this.nowMs };
  }

  async start(): Promise<this> {
    await this.watch.start();
    for (const watch of [{ watch: this.watch }, {}]) {
      const more = {
        log: () => undefined,
        alerts: this.#alerts,
        prices: loadPriceBook(),
        selfText: async () => '',
        refusals: async () => [],
      };
      this.#servers.push(
        await listenHttp(createApi({ ...this.#common(), ...more, ...watch }), {
          host: '127.0.0.1',
          port: 0,
          key: 'server.api_port',
          flag: '--api-port',
        }),
      );
    }
    return this;
  }

  /** The cast names what the API answers there; the assertions hold it to that. */
  async get<Body>(path: string, { isWatched = true } = {}): Promise<Body> {
    const answer = await fetch(`http://127.0.0.1:${this.#servers[isWatched ? 0 : 1]?.port}/api/v1/${path}`);
    return (await answer.json()) as Body;
  }

  async mine(user: string, isWatched = true): Promise<MyBudgetAnswer> {
    return this.get(`me/budget?user=${encodeURIComponent(user)}`, { isWatched });
  }

  async append(entries: readonly Entry[], receivedMs: number): Promise<void> {
    await this.#ledger.writer.append({ entries, receivedMs });
  }

  /** Hurries again and again: while a reading of another moment is under way it would be in vain. */
  async readNow(): Promise<void> {
    const probe = () => {
      this.watch.hurry();
      return this.watch.current()?.atMs;
    };
    await waitFor('the spend of that moment', probe, { until: (atMs) => atMs === this.nowMs });
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.close();
    await this.watch.stop();
    await this.#thread.close();
    await this.journal.close();
    await this.#alerts.close();
  }
}

describe('budgets of every kind over REST', () => {
  const random = seededRandom('budgets over REST');
  const budgets: Budget[] = Array.from({ length: ROUNDS }, (_, index) => generateBudget(random, index));
  let ledger: TestLedger;
  let worker: ReadWorker;
  beforeAll(async () => {
    ledger = await openTestLedger(LEDGER);
    await ledger.writer.append({ entries: generateEntries(random), receivedMs: Math.max(...MOMENTS) + 60 * DAY });
    worker = await new ReadWorker(ledger, [], near(random, 20 * DAY)).start();
    // Set as they come: the configuration would refuse members that are more than their budget.
    for (const budget of budgets) await worker.journal.set(budget, { who: 'test', atMs: worker.nowMs });
  });
  afterAll(async () => {
    await worker.stop();
    await ledger.destroy();
  });

  /** "team=platform|data, user=ada@example.com" as filters of GET /api/v1/spend. */
  function spendPath({ scope, period_start, period_end, name }: StatusAnswer): string {
    const classes = budgets.find((budget) => budget.name === name)?.tokens?.classes;
    const parameters = new URLSearchParams({ from: period_start ?? '', to: period_end ?? '' });
    parameters.set('measures', classes === undefined ? 'cost' : classes.map((one) => TOKEN_CLASSES[one]).join());
    for (const part of scope === 'everything' ? [] : scope.split(', ')) {
      const [dimension = '', values = ''] = part.split('=');
      for (const value of values.split('|')) parameters.append('where', `${dimension}:${value}`);
    }
    return `spend?${parameters}`;
  }

  test('each has spent what the ledger answers for the same time range and scope', async () => {
    const { budgets: statuses } = await worker.get<BudgetListAnswer>('budgets?forecast=false');
    expect(statuses.length).toBeGreaterThan(ROUNDS);
    for (const status of statuses) {
      const { totals } = await worker.get<SpendAnswer>(spendPath(status));
      const [first, ...others] = Object.values(totals);
      const spent = others.length === 0 ? first : [first, ...others].reduce<number>((sum, total) => sum + Number(total), 0);
      expect({ key: status.key, spent: status.spent }).toEqual({ key: status.key, spent });
    }
  });

  test('a developer is told the same from what is kept ready as from the ledger, at whatever moment', async () => {
    for (let round = 0; round < 5; round++) {
      worker.nowMs = near(random, 30 * DAY);
      await worker.readNow();
      for (const user of [...USERS, 'zoe@example.com', 'nobody@example.com']) {
        const [kept, read] = [await worker.mine(user), await worker.mine(user, false)];
        expect({ ...kept, as_of: null }).toEqual({ ...read, as_of: null });
      }
    }
  });

  test('and the list says the same of the same budget', async () => {
    const { budgets: all } = await worker.get<BudgetListAnswer>('budgets?forecast=false');
    const { budgets: own } = await worker.mine('ada@example.com');
    expect(own.length).toBeGreaterThan(5);
    for (const { shared: _, ...status } of own) {
      const listed = all.find(({ key }) => key === status.key);
      // Who has not spent anything yet is in no list, and has the whole amount.
      if (listed === undefined) expect(Number(status.spent)).toBe(0);
      else expect({ ...status, forecast: null }).toEqual({ ...listed, forecast: null });
    }
  });
});

describe('what is kept ready', () => {
  const BUDGETS = [
    { name: 'each', per: 'user', period: 'day', amount_usd: '10.00', hard_limit: true },
    { name: 'team', scope: { team: 'platform' }, amount_usd: '100.00' },
  ];
  const spentOf = ({ budgets }: MyBudgetAnswer): unknown => Object.fromEntries(budgets.map(({ name, spent }) => [name, spent]));
  let ledger: TestLedger;
  let worker: ReadWorker;
  beforeEach(async () => {
    ledger = await openTestLedger(LEDGER);
    await ledger.writer.append({ entries: [event({ id: '1', cost: '12' })], receivedMs: NOON });
    worker = await new ReadWorker(ledger, BUDGETS, NOON).start();
  });
  afterEach(async () => {
    await worker.stop();
    await ledger.destroy();
  });

  test('is there before the first question, and follows the ledger behind the questions', async () => {
    expect(await worker.mine('alice@example.com')).toMatchObject({ stopped: true, as_of: '2026-11-20T12:00:00.000Z', age_seconds: 0 });
    // The clock moves when the spend is there: a reading in between would be of the new minute, without what is asked for.
    await worker.append([event({ id: '2', cost: '1' })], NOON + 60_000);
    worker.nowMs = NOON + 60_000;
    const before = await worker.mine('alice@example.com');
    // What is told is as old as it says it is.
    if (before.as_of === '2026-11-20T12:00:00.000Z') expect([spentOf(before), before.age_seconds]).toEqual([{ each: '12.00', team: '12.00' }, 60]);
    const after = await waitFor('the new spend', async () => {
      const answer = await worker.mine('alice@example.com');
      return answer.as_of === '2026-11-20T12:01:00.000Z' ? answer : undefined;
    });
    expect([spentOf(after), after.age_seconds]).toEqual([{ each: '13.00', team: '13.00' }, 0]);
  });

  test('knows a user whose first record has just arrived, and that work is to be refused', async () => {
    expect(await worker.mine('eve@example.com')).toMatchObject({ seen: false, budgets: [], stopped: false });
    await worker.append([event({ id: '9', cost: '12', user: 'eve@example.com', sessionId: 's9' })], NOON + 60_000);
    await waitFor('the stop of a new user', async () => (await worker.mine('eve@example.com')).stopped);
    expect(await worker.mine('eve@example.com')).toMatchObject({ seen: true, team: 'platform', hint: null });
  });

  test('answers for the new day at midnight, before anything was read in it', async () => {
    const midnight = Date.parse('2026-11-20T23:00:00Z');
    worker.nowMs = midnight - 30_000;
    await worker.readNow();
    await worker.watch.stop();
    expect(await worker.mine('alice@example.com')).toMatchObject({ stopped: true });
    worker.nowMs = midnight + 1_000;
    const { stopped, budgets } = await worker.mine('alice@example.com');
    expect([stopped, budgets[0]?.key, budgets[0]?.spent]).toEqual([false, 'each/alice@example.com', '0.00']);
  });

  test('a raise counts with the next question, a budget of another period as soon as its spend is read', async () => {
    const change = { who: 'test', atMs: NOON };
    await worker.journal.raise({ key: 'each', amount: 50n * 10n ** 12n, fromMs: NOON, untilMs: NOON + DAY, why: 'release' }, change);
    expect((await worker.mine('alice@example.com')).budgets[0]).toMatchObject({ limit: '60.00', stopped: false });
    const [year] = configSchema.parse({ budgets: [{ name: 'year', per: 'user', period: 'year', amount_usd: '5.00' }] }).budgets;
    if (year !== undefined) await worker.journal.set(year, change);
    const answer = await waitFor('the budget of the year', async () => {
      const { budgets } = await worker.mine('alice@example.com');
      return budgets.find(({ name }) => name === 'year');
    });
    expect(answer).toMatchObject({ spent: '12.00', limit: '5.00' });
  });
});

describe('a user who was never seen', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-me-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const directory_file = file('people.yaml', 'people: { new@example.com: { team: platform } }');
  const budgets = [
    { name: 'each', per: 'user', period: 'day', amount_usd: '10.00', hard_limit: true },
    { name: 'team', scope: { team: 'platform' }, amount_usd: '100.00' },
  ];
  let api: TestApi;
  const mine = async (user: string) => (await api.get<MyBudgetAnswer>(`/api/v1/me/budget?user=${encodeURIComponent(user)}`)).body;
  const start = async (attribution: object, user: string) => {
    api = await startApi({ nowMs: NOON, config: { budgets, attribution } });
    await api.append([event({ id: '1', cost: '12', user })]);
  };
  afterEach(() => api.stop());
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is nobody where only the keyboard knows the name, and is told the nearest one', async () => {
    await start({}, 'alice@example.com');
    expect(await mine('alcie@example.com')).toMatchObject({
      ...{ user: 'alcie@example.com', team: null, seen: false, budgets: [], stopped: false },
      hint: 'No record of "alcie@example.com" has arrived yet; did you mean "alice@example.com"?',
    });
    expect(await mine('Alice@Example.com')).toMatchObject({ seen: true, stopped: true, hint: null });
  });

  test('and is in the directory has the budgets of the team there', async () => {
    await start({ directory_file }, 'alice@example.com');
    const answer = await mine('New@example.com');
    expect(answer).toMatchObject({ team: 'platform', seen: false, hint: 'No record of "new@example.com" has arrived yet.' });
    expect(answer.budgets.map(({ key, spent }) => [key, spent])).toEqual([
      ['each/new@example.com', '0.00'],
      ['team', '12.00'],
    ]);
  });

  test('by the address, but by the pseudonym, is seen and stopped', async () => {
    const pseudonym_key_file = file('key', '0123456789abcdef');
    const pseudonym = createPseudonymizer(Buffer.from('0123456789abcdef'))('alice@example.com');
    await start({ pseudonymize: true, pseudonym_key_file, directory_file }, pseudonym);
    for (const user of ['ALICE@example.com', pseudonym]) expect(await mine(user)).toMatchObject({ user: pseudonym, seen: true, stopped: true });
    expect(await mine('alcie@example.com')).toMatchObject({ seen: false, hint: expect.not.stringContaining('did you mean') });
    expect(await mine('new@example.com')).toMatchObject({ seen: false, team: 'platform' });
  });

  test('and is no address is found in any capitals', async () => {
    await start({}, 'BuildBot');
    expect(await mine('buildbot')).toMatchObject({ user: 'BuildBot', seen: true, stopped: true });
  });
});
