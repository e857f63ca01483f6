import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import { type Demo, type DemoSettings, startDemo } from '../../collector/demo/demo.ts';
import type { DemoSession } from '../../collector/demo/session.ts';
import { encodeProtobuf } from '../../collector/demo/wire.ts';
import type { LedgerReader } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { decodeJson, decodeProtobuf } from '../support/decode.ts';
import { encodeJson } from '../support/demo-json.ts';
import { type DemoOptions, generateSessions } from '../support/demo-sessions.ts';
import { silentLog } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

/** A Friday evening in Europe: everybody's working day is under way or over. */
const NOW = Date.parse('2026-11-20T17:00:00Z');
const SMALL: DemoOptions = { seed: 'test', people: 20, days: 8, endMs: NOW };
const LIMITS = defaultConfig().limits;

const sum = (sessions: readonly DemoSession[]): bigint => sessions.reduce((total, session) => total + session.cost, 0n);

describe('the made-up organization', () => {
  const sessions = [...generateSessions(SMALL)];

  test('is the same for the same seed, and another for another', () => {
    const asSent = (list: readonly DemoSession[]): string[] =>
      list.map((session) => encodeJson(session.exports.filter((sent) => sent.signal === 'logs')));
    expect(asSent([...generateSessions(SMALL)])).toEqual(asSent(sessions));
    expect(sum([...generateSessions({ ...SMALL, seed: 'other' })])).not.toBe(sum(sessions));
  });

  test('does not depend on when it is asked for: two days later, the same days hold the same sessions', () => {
    const later = [...generateSessions({ ...SMALL, days: 10, endMs: NOW + 2 * 86_400_000 })];
    const known = new Set(later.map((session) => session.sessionId));
    const missing = sessions.filter((session) => !known.has(session.sessionId));
    expect(missing).toEqual([]);
  });

  test("has what goes wrong in real ones: interrupted requests, killed processes, errors, resumed sessions, nobody's team", () => {
    const differences = sessions.flatMap((session) => [...session.models.values()].map(({ events, metrics }) => Math.sign(events - metrics)));
    expect(new Set(differences)).toEqual(new Set([-1, 0, 1]));
    const events = new Set(
      sessions.flatMap((session) => session.exports.flatMap((sent) => (sent.signal === 'logs' ? sent.logs.map((log) => log.event) : []))),
    );
    expect([...events]).toEqual(expect.arrayContaining(['api_error', 'api_retries_exhausted', 'subagent_completed', 'tool_result', 'user_prompt']));
    const starts = sessions.flatMap((session) => JSON.stringify(session.exports).match(/"start_type","\w+"/g) ?? []);
    expect(new Set(starts)).toEqual(new Set(['"start_type","fresh"', '"start_type","resume"']));
    expect(sessions.some((session) => session.team === '')).toBe(true);
  });

  test("both encodings are read alike by the receiver's decoders", () => {
    for (const signal of ['logs', 'metrics'] as const) {
      const exports = sessions.slice(0, 60).flatMap((session) => session.exports.filter((sent) => sent.signal === signal));
      const fromJson = decodeJson(signal, Buffer.from(encodeJson(exports)), LIMITS);
      expect(decodeProtobuf(signal, encodeProtobuf(exports), LIMITS)).toEqual(fromJson);
    }
  });

  test('text of any script and length survives the protobuf encoding', () => {
    const [session] = sessions;
    const [sent] = session?.exports ?? [];
    if (sent?.signal !== 'logs') throw new Error('a session begins with its events');
    const strange = {
      ...sent,
      logs: [
        {
          timeMs: 1_795_000_000_123,
          event: 'x',
          attributes: [
            ['a', 'Zoë 東京 '.repeat(40)],
            ['b', 'é'],
            ['c', { double: 0.1 }],
            ['d', 2 ** 40],
          ],
        },
      ],
    } as const;
    expect(decodeProtobuf('logs', encodeProtobuf([strange]), LIMITS)).toEqual(decodeJson('logs', Buffer.from(encodeJson([strange])), LIMITS));
  });
});

test('weeks of forty people cost what such people cost', () => {
  const days = new Map<string, number>();
  const models = new Set<string>();
  for (const session of generateSessions({ seed: 'ledgerline', people: 40, days: 35, endMs: NOW })) {
    for (const model of session.models.keys()) models.add(model);
    const key = `${session.user} ${new Date(session.startMs).toISOString().slice(0, 10)}`;
    days.set(key, (days.get(key) ?? 0) + Number(session.cost) / 1e12);
  }
  const spent = [...days.values()].sort((a, b) => a - b);
  const average = spent.reduce((total, usd) => total + usd, 0) / spent.length;
  expect(average).toBeGreaterThan(10);
  expect(average).toBeLessThan(16);
  expect(spent[Math.floor(spent.length * 0.9)]).toBeLessThan(30);
  expect(spent.at(-1)).toBeGreaterThan(100);
  expect([...models]).toEqual(expect.arrayContaining(['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5']));
  const prices = loadPriceBook();
  const tokens = { input: 1, output: 1, cacheRead: 0, cacheCreation5m: 0, cacheCreation1h: 0 };
  const unpriced = [...models].filter((model) => prices.listCost(model, tokens, NOW, { speed: 'normal' }) === undefined);
  expect(unpriced).toEqual(['claude-mythos-6']);
});

describe('sent through a real collector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-demo-'));
  let collector: Collector;
  const demos: Demo[] = [];
  const begin = (settings: DemoSettings): Demo => {
    const demo = startDemo(settings);
    demos.push(demo);
    return demo;
  };

  beforeAll(async () => {
    const config = defaultConfig();
    const server = { ...config.server, otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
    collector = await startCollector({ ...config, data: folder, server }, silentLog());
  });
  afterAll(async () => {
    await Promise.all(demos.map((demo) => demo.stop()));
    await collector.stop();
    rmSync(folder, { recursive: true });
  });

  const reading = async <Result>(read: (reader: LedgerReader) => Promise<Result>): Promise<Result> => {
    const reader = openReader({ file: collector.ledgerFile, timeZone: 'UTC', weekStart: 'monday' });
    try {
      return await read(reader);
    } finally {
      await reader.close();
    }
  };

  test('every session is booked at its cost, model by model; sent again, nothing moves; then it goes on live', async () => {
    const { seed, people, days } = SMALL;
    const settings = { url: `http://127.0.0.1:${collector.ports.otlpHttp}`, log: () => undefined, now: () => NOW, seed, people, days };
    // Stopped in the turn in which it is filled, so that it has not begun to send live: what is compared below moves no more.
    const first = begin(settings);
    const { records } = await first.filled;
    await first.stop();
    expect(records).toBeGreaterThan(5_000);
    await reading(async (reader) => {
      for (const session of generateSessions(SMALL)) {
        const booked = await reader.session(session.sessionId);
        expect({ id: session.sessionId, cost: booked?.totals.cost }).toEqual({ id: session.sessionId, cost: session.cost });
        for (const [model, { events, metrics }] of session.models) {
          const answer = booked?.models.find((row) => row.model === model)?.totals;
          expect(answer).toMatchObject({ cost_events: BigInt(events), cost_metrics: BigInt(metrics) });
        }
      }
    });

    const before = await reading((reader) => reader.status());
    const again = begin(settings);
    expect((await again.filled).records).toBe(records);
    await again.stop();
    const after = await reading((reader) => reader.status());
    expect({ entries: after.entries, sessions: after.sessions, conflicts: after.counters.conflicts }).toEqual({
      entries: before.entries,
      sessions: before.sessions,
      conflicts: 0,
    });
    expect(await reading((reader) => reader.check())).toEqual([]);

    const live = begin({ ...settings, days: 1 });
    await live.filled;
    await waitFor('a live session', () => reading(async (reader) => (await reader.status()).sessions), {
      until: (sessions) => sessions > after.sessions,
    });
    await live.stop();
  });

  test('after the machine slept for days, it has the sessions of all of them', async () => {
    let nowMs = NOW;
    const url = `http://127.0.0.1:${collector.ports.otlpHttp}`;
    const demo = begin({ url, log: () => undefined, now: () => nowMs, seed: 'slept', people: 5, days: 1 });
    await demo.filled;
    nowMs = NOW + 4 * 86_400_000;
    const ended = [...generateSessions({ seed: 'slept', people: 5, days: 4, endMs: nowMs })];
    expect(ended.length).toBeGreaterThan(5);
    const missing = (): Promise<number> =>
      reading(
        async (reader) => (await Promise.all(ended.map(({ sessionId }) => reader.session(sessionId)))).filter((one) => one === undefined).length,
      );
    await waitFor('the sessions of every day', missing, { until: (count) => count === 0 });
    await demo.stop();
  });

  test('stopped while it fills, it ends without an error, and does not say that all days are in', async () => {
    const lines: string[] = [];
    const log = (line: string): unknown => lines.push(line);
    const demo = begin({ ...SMALL, url: `http://127.0.0.1:${collector.ports.otlpHttp}`, log, now: () => NOW, seed: 'stopped', days: 60 });
    await demo.stop();
    await demo.filled;
    expect(lines).toEqual([]);
  });

  test('a receiver that is not there is an error with a sentence', async () => {
    const demo = begin({ url: `http://127.0.0.1:${collector.ports.metrics}`, log: () => undefined, now: () => NOW, days: 3 });
    await expect(demo.filled).rejects.toThrow("The receiver did not accept the demo's data: HTTP 404.");
    await demo.stop();
  });
});
