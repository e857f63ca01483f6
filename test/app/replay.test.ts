/**
 * Every capture, replayed over its own protocol against a running collector, costs what the client says it cost,
 * however it is delivered. Expected figures: test/fixtures/captures/agreement.tsv and each capture's truth.json.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type AgreementRow,
  type CapturedRequest,
  loadAgreement,
  loadCaptures,
  loadClientUsage,
  type ModelUsage,
  Replayer,
} from '../support/captures.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';

type Capture = readonly CapturedRequest[];
interface Reported {
  readonly session_id: string;
  readonly cost_usd: string;
  readonly cost_usd_events: string;
  readonly cost_usd_metrics: string;
  readonly tokens: { input: number; output: number; cache_read: number; cache_creation: number; total: number };
}
type Collect = (row: AgreementRow) => number;

const captures = loadCaptures();
const agreement = loadAgreement();
/** USD. Clients report floating-point sums. */
const TOLERANCE = 1e-9;

/** What the ledger must come to: the larger signal, which is the client's own total wherever the wire carries it. */
const booked: Collect = (row) => Math.max(row.metricCost, row.eventCost);

const inOrder = async (replayer: Replayer, requests: Capture) => {
  for (const request of requests) await replayer.send(request);
};

const DELIVERIES: Readonly<Record<string, (replayer: Replayer, requests: Capture) => Promise<void>>> = {
  'once, in order': inOrder,
  'twice, the second time after the first': async (replayer, requests) => {
    await inOrder(replayer, requests);
    await inOrder(replayer, requests);
  },
  'in reverse order': (replayer, requests) => inOrder(replayer, requests.toReversed()),
  'with every body sent twice at once': async (replayer, requests) => {
    for (const request of requests) await Promise.all([replayer.send(request), replayer.send(request)]);
  },
  'all at once': async (replayer, requests) => {
    await Promise.all(requests.map((request) => replayer.send(request)));
  },
};

const SIGNALS: Readonly<Record<string, { readonly keep: (request: CapturedRequest) => boolean; readonly cost: Collect }>> = {
  'metrics only': { keep: (request) => request.signal !== 'logs', cost: (row) => row.metricCost },
  'events only': { keep: (request) => request.signal !== 'metrics', cost: (row) => row.eventCost },
};

describe('captures of the real client', () => {
  let data: string;
  let collector: CollectorProcess;

  const begin = async (config: object = {}) => {
    data = mkdtempSync(join(tmpdir(), 'ledgerline-captures-'));
    collector = await spawnCollector(data, config);
  };
  const end = async () => {
    expect(await collector.stop()).toBe(0);
    rmSync(data, { recursive: true });
  };
  const sendAll = async (select: (requests: Capture) => Capture, deliver = inOrder, token?: string) => {
    const replayer = new Replayer(collector.ports, token);
    await Promise.all([...captures.values()].map((requests) => deliver(replayer, select(requests))));
    replayer.close();
  };

  for (const [name, deliver] of Object.entries(DELIVERIES)) {
    describe(`sent ${name}`, () => {
      beforeAll(async () => {
        await begin();
        await sendAll((requests) => requests, deliver);
      });
      afterAll(end);
      test.each(agreement)('$capture $session costs what the client says', async (row) =>
        expectCost(await readSession(collector, row), booked(row), row),
      );
      test.each(agreement)('$capture $session has the tokens of each class', async (row) => expectTokens(await readSession(collector, row), row));
    });
  }

  for (const [name, { keep, cost }] of Object.entries(SIGNALS)) {
    describe(`with ${name}`, () => {
      beforeAll(async () => {
        await begin();
        await sendAll((requests) => requests.filter(keep));
      });
      afterAll(end);
      test.each(agreement.filter((row) => cost(row) > 0))('$capture $session costs what that signal says', async (row) =>
        expectCost(await readSession(collector, row), cost(row), row),
      );
    });
  }

  describe('sent with the token of a user', () => {
    const token = 'token-of-alice';
    const sha256 = createHash('sha256').update(token).digest('hex');
    beforeAll(async () => {
      await begin({ auth: { tokens: [{ name: 'alice', sha256, user: 'alice@example.com', team: 'platform' }] } });
      await sendAll((requests) => requests, inOrder, token);
    });
    afterAll(end);
    test.each(agreement)('$capture $session costs the user what the client says', async (row) => {
      const session = await readSession(collector, row);
      expectCost(session, booked(row), row);
      expectTokens(session, row);
      expect(session).toMatchObject({ user: 'alice@example.com', team: 'platform', also: [] });
    });
  });

  describe('split over two runs with a kill -9 between', () => {
    beforeAll(async () => {
      await begin();
      await sendAll((requests) => requests.slice(0, Math.ceil(requests.length / 2)));
      await collector.kill();
      collector = await spawnCollector(data);
      await sendAll((requests) => requests.slice(Math.floor(requests.length / 2)));
    });
    afterAll(end);
    test.each(agreement)('$capture $session costs what the client says', async (row) =>
      expectCost(await readSession(collector, row), booked(row), row),
    );
  });
});

async function readSession(collector: CollectorProcess, row: AgreementRow): Promise<Reported> {
  const api = `http://127.0.0.1:${collector.ports.api}/api/v1/sessions`;
  const list = (await (await fetch(`${api}?limit=500`)).json()) as { sessions: readonly Reported[] };
  const found = list.sessions.find((session) => session.session_id.startsWith(row.session));
  expect(found).toBeDefined();
  const response = await fetch(`${api}/${found?.session_id}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Reported;
}

/** Processes that share a session at the same time each count what both of them resumed: no total of the client's is the session's. */
const isParallel = ({ verdict }: AgreementRow): boolean => verdict.includes('metric>cli; event>cli');

function expectCost(answer: Reported, expected: number, row: AgreementRow): void {
  expect(Math.abs(Number(answer.cost_usd) - expected)).toBeLessThan(TOLERANCE);
  if (isParallel(row)) return;
  const client = /sum over processes/.test(row.verdict) ? row.cliSumOfProcesses : row.cliLastTotal;
  if (expected === booked(row) && client !== undefined) expect(Math.abs(Number(answer.cost_usd) - client)).toBeLessThan(TOLERANCE);
}

function expectTokens(answer: Reported, row: AgreementRow): void {
  expect(answer.tokens.total).toBe(Math.max(row.metricTokens, row.eventTokens));
  const runs = loadClientUsage(row.capture).get(answer.session_id);
  if (runs === undefined || isParallel(row)) return;
  const counted = /sum over processes/.test(row.verdict) ? runs.flat() : (runs.at(-1) ?? []);
  const sum = (name: keyof ModelUsage) => counted.reduce((total, model) => total + model[name], 0);
  const { total, ...classes } = answer.tokens;
  expect(classes).toEqual({
    input: sum('inputTokens'),
    output: sum('outputTokens'),
    cache_read: sum('cacheReadInputTokens'),
    cache_creation: sum('cacheCreationInputTokens'),
  });
}
