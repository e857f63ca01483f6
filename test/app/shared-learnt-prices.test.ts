/** Replicas of one ledger have the same learnt prices, whoever of them learnt what. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { forgetLearnt, startLearning } from '../../collector/app/learnt-prices.ts';
import { configSchema } from '../../collector/config/config.ts';
import { learntPricesFileOf } from '../../collector/config/data-folder.ts';
import { HOUR_MS } from '../../collector/core/duration.ts';
import { readLearnt } from '../../collector/pricing/learn/learnt-file.ts';
import { openLedgerWriter } from '../../collector/storage/open.ts';
import { printed } from '../cli/command.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event } from '../support/entries.ts';
import { createLedgerDatabase } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';

const PICO_PER_TOKEN = { input: 3_200_000n, output: 16_000_000n, cacheRead: 80_000n, cacheCreation5m: 4_000_000n, cacheCreation1h: 6_400_000n };
const TIME = Date.parse('2026-11-20T08:00:00Z');

function charged(model: string, index: number) {
  const mixed = (prime: number, below: number): number => 1 + ((index * index * prime + index * 61) % below);
  const tokens = {
    ...{ input: mixed(7, 311), output: mixed(137, 911), cacheRead: mixed(7_919, 90_001) },
    ...{ cacheCreation5m: mixed(313, 2_003), cacheCreation1h: mixed(97, 501) },
  };
  const names = ['input', 'output', 'cacheRead', 'cacheCreation5m', 'cacheCreation1h'] as const;
  const cost = names.reduce((sum, name) => sum + BigInt(tokens[name]) * PICO_PER_TOKEN[name], 0n);
  const about = { model, isFast: false, hasLifetimes: true, identity: `${model} ${index}`, timeMs: TIME + index, clientVersion: '2.1.340' };
  return { ...about, tokens, cost };
}

describeWithBackend('postgres15', 'learnt prices of replicas', () => {
  let server: RunningPostgres;
  let folder: string;
  beforeAll(async () => {
    server = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-learnt-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server?.destroy();
  });

  async function start(url: string, name: string) {
    const config = configSchema.parse({ data: join(folder, name), storage: { url } });
    const stops: (() => Promise<void>)[] = [];
    const learning = await startLearning(config, () => undefined, stops);
    return {
      config,
      prices: learning.prices,
      teach: (model: string, from: number, to: number) => {
        for (let index = from; index <= to; index++) learning.learn?.(charged(model, index));
      },
      exchange: () => learning.forget(() => false),
      forget: learning.forget,
      file: () => readLearnt(learntPricesFileOf(config)),
      stop: async () => {
        for (const one of stops) await one();
      },
    };
  }

  test('are those of all of them, also of one that starts later, with every request counted once', async () => {
    const url = await server.createDatabase();
    const [one, two] = [await start(url, 'one'), await start(url, 'two')];
    one.teach('claude-opus-9', 1, 12);
    two.teach('claude-opus-10', 1, 10);
    await Promise.all([one.exchange(), two.exchange()]);
    await Promise.all([one.exchange(), two.exchange()]);
    for (const replica of [one, two]) {
      expect(Object.keys(replica.file()).toSorted()).toEqual(['claude-opus-10', 'claude-opus-9']);
      expect(replica.prices.history('claude-opus-9')).toMatchObject([{ origin: 'learnt' }]);
    }
    two.teach('claude-opus-9', 13, 20);
    one.teach('claude-opus-9', 21, 25);
    await two.stop();
    await one.stop();
    const three = await start(url, 'three');
    expect(three.file()['claude-opus-9']?.normal).toMatchObject([{ requests: 25, others: 0, rates: { input: '3.20' } }]);
    await three.stop();
  });

  test('are those of a command that asks the database, wherever it runs', async () => {
    const url = await createLedgerDatabase(server);
    const replica = await start(url, 'teacher');
    replica.teach('claude-opus-9', 1, 12);
    await replica.stop();
    const writer = await openLedgerWriter(replica.config);
    const unpriced = ['claude-opus-9', 'claude-opus-12'].map((model) =>
      event({ id: model, model, timeMs: TIME, cost: '1', amounts: { unpriced_tokens: 100 } }),
    );
    await writer.append({ entries: unpriced, receivedMs: TIME });
    await writer.close();
    const file = join(folder, 'elsewhere.yaml');
    writeFileSync(file, `data: ${join(folder, 'elsewhere')}\nstorage:\n  url: ${url}\n`);
    const said = await printed(['doctor', '--config', file], { now: TIME + HOUR_MS });
    expect(said).toContain('100 tokens of the last 30 days have no list price: claude-opus-12.');
  });

  test('are forgotten by all where one forgets them, or a command does', async () => {
    const url = await server.createDatabase();
    const [one, two] = [await start(url, 'a'), await start(url, 'b')];
    for (const model of ['claude-opus-9', 'claude-opus-10', 'claude-opus-11']) one.teach(model, 1, 12);
    await one.exchange();
    await two.exchange();
    expect(Object.keys(two.file())).toHaveLength(3);
    await two.forget((model) => model === 'claude-opus-9');
    await forgetLearnt(one.config)((model) => model === 'claude-opus-10');
    await Promise.all([one.exchange(), two.exchange()]);
    expect([one, two].map((replica) => Object.keys(replica.file()))).toEqual([['claude-opus-11'], ['claude-opus-11']]);
    await Promise.all([one.stop(), two.stop()]);
  });
});

describe('learnt prices of an embedded ledger', () => {
  test('are in its folder alone', async () => {
    const data = mkdtempSync(join(tmpdir(), 'ledgerline-learnt-'));
    const config = configSchema.parse({ data });
    const stops: (() => Promise<void>)[] = [];
    const { learn } = await startLearning(config, () => undefined, stops);
    for (let index = 1; index <= 12; index++) learn?.(charged('claude-opus-9', index));
    for (const stop of stops) await stop();
    expect(readLearnt(learntPricesFileOf(config))['claude-opus-9']?.normal).toMatchObject([{ requests: 12 }]);
    await forgetLearnt(config)(() => true);
    expect(readLearnt(learntPricesFileOf(config))).toEqual({});
    rmSync(data, { recursive: true });
  });
});
