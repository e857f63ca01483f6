import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { COMMUNITY_SERIES, SERIES } from '../../collector/names.ts';
import { createExposition } from '../../collector/prometheus/exposition.ts';
import { samplesOf, startTestCollector, sumOf, type TestCollector, type TestCollectorOptions } from './collector.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let collector: TestCollector | undefined;
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
});
const start = async (options: TestCollectorOptions = {}): Promise<TestCollector> => {
  collector = await startTestCollector({ now: () => NOON, ...options });
  return collector;
};

const alice = { organisation: 'acme', team: 'platform', user: 'alice@example.com', workspace: 'shop', model: 'claude-opus-5' };

describe('/metrics', () => {
  test('shows what the ledger booked, to the pico-dollar that a double can carry', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, timeMs: NOON, usd: 0.005343 }, { ...alice, timeMs: NOON, usd: 12.000001 });
    const samples = samplesOf(await scrape());
    expect(samples).toContainEqual({ name: SERIES.cost, labels: alice, value: 12.005344 });
    expect(samples).toContainEqual({ name: SERIES.requests, labels: alice, value: 2 });
    expect(samples).toContainEqual({ name: SERIES.asOf, labels: {}, value: NOON / 1000 });
  });

  test('shows spend to date of the ledger’s own day, week and month', async () => {
    const { spend, scrape } = await start({ timeZone: 'America/New_York' });
    const midnight = Date.parse('2026-11-20T05:00:00Z');
    await spend(
      { ...alice, timeMs: midnight - 1, usd: 1 }, // Thursday evening in New York
      { ...alice, timeMs: midnight, usd: 2 },
      { ...alice, timeMs: NOON - 7 * DAY, usd: 4 },
      { ...alice, timeMs: NOON - 30 * DAY, usd: 8 },
    );
    const samples = samplesOf(await scrape());
    const period = (name: string) => sumOf(samples, SERIES.costPeriod, { period: name });
    expect([period('day'), period('week'), period('month'), sumOf(samples, SERIES.cost)]).toEqual([2, 3, 7, 15]);
  });

  test('says unallocated and unknown instead of leaving a label out', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 1 });
    const labels = { organisation: 'unallocated', team: 'unallocated', user: 'unallocated', workspace: 'unallocated', model: 'unknown' };
    expect(samplesOf(await scrape())).toContainEqual({ name: SERIES.cost, labels, value: 1 });
  });

  test('adds up values that look alike once shown, since a label set may appear only once', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 1, user: 'a\u0000b' }, { timeMs: NOON, usd: 2, user: 'a\u0001b' }, { timeMs: NOON, usd: 4, user: 'a"\\\nb' });
    const text = await scrape();
    expect(text).not.toContain('\u0000');
    const cost = samplesOf(text).filter(({ name }) => name === SERIES.cost);
    expect(cost.map(({ labels, value }) => [labels.user, value]).sort()).toEqual([
      ['a"\\\ufffdb', 4],
      ['a\ufffdb', 3],
    ]);
  });

  test('writes every byte of a hostile label as the text format wants it', async () => {
    const { spend, scrape } = await start();
    await spend({ timeMs: NOON, usd: 0.1, organisation: 'a,b="c"', team: '\\n{}', user: 'ü 😀', workspace: '\r\n', model: 'm' });
    const lines = (await scrape()).split('\n').filter((line) => line.startsWith(`${SERIES.cost}{`));
    const labels = String.raw`organisation="a,b=\"c\"",team="\\n{}",user="ü 😀",workspace="��",model="m"`;
    expect(lines).toEqual([`${SERIES.cost}{${labels}} 0.1`]);
  });

  test('says each family’s help and type once, before its samples, and no family without samples', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, timeMs: NOON, usd: 1, amounts: { input_tokens: 7, output_tokens: 9, lines_removed: 2 } });
    const families: string[] = [];
    for (const line of (await scrape()).split('\n').filter((line) => line !== '')) {
      const name = line.replace(/^# (HELP|TYPE) /, '').split(/[ {]/)[0] ?? '';
      if (line.startsWith('# HELP')) families.push(name);
      else expect(name).toBe(families.at(-1));
    }
    expect(new Set(families).size).toBe(families.length);
    expect(families).toContain(SERIES.linesOfCode);
    expect(families).not.toContain(SERIES.commits);
  });

  test('folds the smallest label sets beyond the limit into one, and keeps every sum', async () => {
    const { spend, scrape } = await start({ seriesMax: 50 });
    const users = Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 40 - index }));
    await spend(...users);
    const samples = samplesOf(await scrape());
    expect(sumOf(samples, SERIES.cost)).toBe(820);
    expect(sumOf(samples, SERIES.costPeriod, { period: 'month' })).toBe(820);
    expect(sumOf(samples, SERIES.cost, { user: 'user-0' })).toBe(40);
    expect(sumOf(samples, SERIES.cost, { user: 'user-39' })).toBe(0);
    expect(sumOf(samples, SERIES.cost, { user: '(other)' })).toBeGreaterThan(0);
    const dropped = sumOf(samples, SERIES.droppedSeries);
    const shown = samples.filter(({ labels }) => labels.user?.startsWith('user-') || labels.user_email?.startsWith('user-')).length;
    expect(shown).toBeLessThanOrEqual(50);
    expect(dropped).toBeGreaterThan(300);
    expect(samplesOf(await scrape())).toEqual(samples);
  });

  test('adds what was folded to what a client calls "(other)" itself', async () => {
    const { spend, scrape } = await start({ seriesMax: 50 });
    const other = { organisation: '(other)', team: '(other)', user: '(other)', workspace: '(other)', model: '(other)' };
    const users = Array.from({ length: 40 }, (_, index) => ({ ...alice, user: `user-${index}`, timeMs: NOON, usd: 1 }));
    await spend({ ...other, timeMs: NOON, usd: 1000 }, ...users);
    const samples = samplesOf(await scrape()).filter(({ name }) => name === SERIES.cost);
    expect(samples.filter(({ labels }) => labels.user === '(other)')).toHaveLength(1);
    expect(sumOf(samples, SERIES.cost, other)).toBeGreaterThan(1000);
    expect(sumOf(samples, SERIES.cost)).toBe(1040);
  });

  test('offers the names that boards for Claude Code query', async () => {
    const { spend, scrape } = await start();
    await spend({ ...alice, timeMs: NOON, usd: 3, amounts: { input_tokens: 7, cache_read_tokens: 11, lines_added: 5 } });
    const text = await scrape();
    const samples = samplesOf(text);
    const who = { organization_id: 'acme', user_email: 'alice@example.com', model: 'claude-opus-5' };
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.cost, labels: who, value: 3 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.tokens, labels: { ...who, type: 'cacheRead' }, value: 11 });
    expect(samples).toContainEqual({ name: COMMUNITY_SERIES.linesOfCode, labels: { ...who, type: 'added' }, value: 5 });
    expect(text).toContain(`# TYPE ${COMMUNITY_SERIES.cost} counter`);
    expect(text).toContain(`# TYPE ${SERIES.cost} gauge`);
  });

  test('shows how far each budget is used', async () => {
    const budgets = [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00', warning_threshold: 0.8 } as const];
    const { spend, scrape } = await start({ budgets });
    await spend({ ...alice, timeMs: NOON, usd: 80 }, { timeMs: NOON, usd: 500, team: 'data' });
    const samples = samplesOf(await scrape());
    const labels = { budget: 'platform', scope: 'team=platform', period: 'month' };
    expect(samples).toContainEqual({ name: SERIES.budgetSpent, labels, value: 80 });
    expect(samples).toContainEqual({ name: SERIES.budgetLimit, labels, value: 100 });
    expect(samples).toContainEqual({ name: SERIES.budgetUsedRatio, labels, value: 0.8 });
    expect(samples).toContainEqual({ name: SERIES.budgetPeriodEnd, labels, value: Date.parse('2026-12-01T00:00:00Z') / 1000 });
  });

  test('shows no ledger figure and no age while the ledger is empty', async () => {
    const { scrape } = await start();
    const names = samplesOf(await scrape()).map(({ name }) => name);
    expect(names).toContain(SERIES.buildInfo);
    expect(names).not.toContain(SERIES.asOf);
    expect(names).not.toContain(SERIES.cost);
  });

  test('appends the text of the collector’s own series', async () => {
    const { scrape } = await start({ selfText: async () => '# TYPE own gauge\nown 1\n' });
    expect(await scrape()).toMatch(/ledgerline_build_info\{version="0.0.0-test"\} 1\n# TYPE own gauge\nown 1\n$/);
  });

  test('does not wait for a busy thread, and says that its series are missing', async () => {
    const handler = createExposition({ ledgerText: () => [], selfText: () => new Promise(() => {}), selfTimeoutMs: 20 });
    const { status, text } = await ask(handler);
    expect(status).toBe(200);
    expect(text).toContain("# The collector's own series took longer than 20 ms.");
  });

  test('answers 503 when the ledger cannot be read, so that Prometheus records a gap and not the end of all series', async () => {
    const broken = function* () {
      yield '# TYPE ledgerline_cost_usd gauge\n';
      throw new Error('disk on fire');
    };
    const { status, text } = await ask(createExposition({ ledgerText: broken, selfText: async () => '' }));
    expect(status).toBe(503);
    expect(text).toBe('Internal error.\n');
  });

  test('reads the ledger once for scrapes that arrive together, and again for the next', async () => {
    let reads = 0;
    let arrived = 0;
    const everybody = Promise.withResolvers<string>();
    const exposition = createExposition({ ledgerText: () => [`read ${++reads}\n`], selfText: () => everybody.promise, selfTimeoutMs: 20_000 });
    const { url, stop } = await listen((request, response) => {
      exposition(request, response);
      if (++arrived === 5) everybody.resolve('');
    });
    const scrape = async (): Promise<string> => (await fetch(url)).text();
    const together = await Promise.all(Array.from({ length: 5 }, scrape));
    const next = await scrape();
    await stop();
    expect(together).toEqual(Array.from({ length: 5 }, () => 'read 1\n'));
    expect(next).toBe('read 2\n');
  });

  test('lets other questions to its thread through while it makes the text', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      other = setImmediate(count);
    };
    let other = setImmediate(count);
    const seen: number[] = [];
    const chunks = function* () {
      for (let index = 0; index < 4; index++) {
        seen.push(turns);
        yield `x${index} 1\n`;
      }
    };
    const { text } = await ask(createExposition({ ledgerText: chunks, selfText: async () => '' }));
    clearImmediate(other);
    expect(text).toBe('x0 1\nx1 1\nx2 1\nx3 1\n');
    expect(new Set(seen).size).toBe(4);
  });

  test('sends a client that reads slowly everything, and survives one that goes away', async () => {
    const megabyte = `${'# '.padEnd(1023, 'x')}\n`.repeat(1024);
    const { url, stop } = await listen(
      createExposition({ ledgerText: () => Array.from({ length: 24 }, () => megabyte), selfText: async () => 'end 1\n' }),
    );
    const impatient = await fetch(url);
    await impatient.body?.cancel();
    let bytes = 0;
    let last = '';
    for await (const part of (await fetch(url)).body ?? []) {
      bytes += part.byteLength;
      last = Buffer.from(part).toString();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stop();
    expect(bytes).toBe(24 * 2 ** 20 + 6);
    expect(last).toMatch(/end 1\n$/);
  });

  test('refuses methods other than GET', async () => {
    const { url } = await start();
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  });
});

async function ask(handler: ReturnType<typeof createExposition>): Promise<{ status: number; text: string }> {
  const { url, stop } = await listen(handler);
  try {
    const answer = await fetch(url);
    return { status: answer.status, text: await answer.text() };
  } finally {
    await stop();
  }
}

async function listen(handler: ReturnType<typeof createExposition>): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // listen() on a TCP port: the address is an object.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
