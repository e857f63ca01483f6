/**
 * The transcripts that the real client wrote, beside the telemetry of the same sessions and alone, through a running collector. Beside it they
 * change nothing, whichever comes first; alone they come to the client's own total, but for what they do not say.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ImportAnswer } from '../../collector/catalog/imported.ts';
import { DAY_MS } from '../../collector/core/duration.ts';
import { scanTranscripts } from '../../collector/imports/transcripts/scan.ts';
import { sendRequests } from '../../collector/imports/transcripts/send.ts';
import { type AgreementRow, CAPTURES, loadAgreement, loadCaptures, Replayer } from '../support/captures.ts';
import { type CollectorProcess, spawnCollector } from '../support/collector-process.ts';

const captures = [...loadCaptures().values()];
const agreement = loadAgreement();
const TOLERANCE = 1e-9;

interface Session {
  readonly session_id: string;
  readonly cost_usd: string;
  readonly shares?: readonly { readonly cost_usd: string }[];
  readonly by_model?: readonly { readonly model: string }[];
}

class Running {
  #data = '';
  #collector: CollectorProcess | undefined;

  async start(): Promise<void> {
    this.#data = mkdtempSync(join(tmpdir(), 'ledgerline-imported-'));
    this.#collector = await spawnCollector(this.#data);
  }

  async stop(): Promise<void> {
    expect(await this.#collector?.stop()).toBe(0);
    rmSync(this.#data, { recursive: true });
  }

  async restart(): Promise<void> {
    await this.#collector?.kill();
    this.#collector = await spawnCollector(this.#data);
  }

  /** The part of each capture's requests from one share of them to another. */
  async telemetry(from = 0, to = 1): Promise<void> {
    const replayer = new Replayer(this.ports);
    for (const requests of captures)
      for (const request of requests.slice(Math.floor(requests.length * from), Math.floor(requests.length * to))) await replayer.send(request);
    replayer.close();
  }

  async transcripts(): Promise<ImportAnswer> {
    // Long after they were written.
    const { requests } = await scanTranscripts({ paths: [CAPTURES], nowMs: Date.now() + DAY_MS });
    expect(requests.length).toBeGreaterThan(150);
    return sendRequests(requests, { url: `http://127.0.0.1:${this.ports.otlpHttp}` }, { repositoryOf: () => undefined }, async () => undefined);
  }

  /** All that sessions come to, by id. */
  async sessions(): Promise<ReadonlyMap<string, Session>> {
    const { sessions } = (await this.#get('sessions?limit=500')) as { sessions: readonly Session[] };
    const whole = await Promise.all(sessions.map(({ session_id }) => this.#get(`sessions/${session_id}`) as Promise<Session>));
    return new Map(whole.map((session) => [session.session_id.slice(0, 8), session]));
  }

  spend(): Promise<unknown> {
    return this.#get(
      'spend?by=model&from=2026-11-01&to=2026-12-01&measures=cost,cost_list,cost_estimated,cost_events,cost_metrics,requests,sessions,input_tokens,output_tokens',
    );
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.ports.api}/api/v1/${path}`);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  get ports(): CollectorProcess['ports'] {
    return this.#collector?.ports ?? { otlpGrpc: 0, otlpHttp: 0, api: 0, metrics: 0 };
  }
}

const withoutAge = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (name, value) => (/^(as_of|age|generated)/.test(name) ? undefined : value)));

/** Transcripts do not say the team of their session: a share of nothing may be left of them. */
const compared = ({ shares = [], by_model = [], ...session }: Session) => {
  const costly = shares.filter(({ cost_usd }) => cost_usd !== '0.00');
  const models = by_model.toSorted((one, other) => one.model.localeCompare(other.model));
  return withoutAge({ ...session, models, shares: costly.length > 1 ? costly : [] });
};

/** Of the same sessions, in another order of things. */
const DELIVERIES: Readonly<Record<string, (running: Running) => Promise<void>>> = {
  'after the telemetry': async (running) => {
    await running.telemetry();
    const answer = await running.transcripts();
    expect(answer.booked + answer.covered).toBe(answer.requests);
    expect(answer.covered).toBeGreaterThan(150);
    expect(await running.transcripts()).toMatchObject({ known: answer.requests, booked: 0, covered: 0 });
  },
  'before the telemetry, and again': async (running) => {
    await running.transcripts();
    await running.telemetry();
    await running.transcripts();
  },
  'between, with a restart': async (running) => {
    await running.telemetry(0, 0.5);
    await running.transcripts();
    await running.restart();
    await running.telemetry(0.5);
  },
};

describe('transcripts beside telemetry', () => {
  const plain = new Running();
  let expected: { readonly sessions: ReadonlyMap<string, Session>; readonly spend: unknown };
  beforeAll(async () => {
    await plain.start();
    await plain.telemetry();
    expected = { sessions: await plain.sessions(), spend: await plain.spend() };
  });
  afterAll(() => plain.stop());

  test.each(Object.entries(DELIVERIES))('sent %s change nothing', async (_, deliver) => {
    const running = new Running();
    await running.start();
    try {
      await deliver(running);
      const sessions = await running.sessions();
      expect([...sessions].map(([id, session]) => [id, compared(session)]).sort()).toEqual(
        [...expected.sessions].map(([id, session]) => [id, compared(session)]).sort(),
      );
      expect(withoutAge(await running.spend())).toEqual(withoutAge(expected.spend));
    } finally {
      await running.stop();
    }
  });
});

/** US dollars that a transcript has less than the client's total, and why; without a transcript nothing is compared. */
const LESS: Readonly<Record<string, { readonly usd: number; readonly why: string }>> = {
  '173674e9': { usd: -0.00019315, why: 'one-hour writes at their own price, and no line for the title' },
  f52ea26f: { usd: 0.0889012, why: 'placeholders, one-hour writes, and no lines for what is beside the conversation' },
  d377b904: { usd: 0.03988, why: 'placeholders, one-hour writes, and no lines for what is beside the conversation' },
  '28f7a6d6': { usd: 0.00003025, why: 'placeholders, one-hour writes' },
  '97cb61c1': { usd: 0.03350875, why: 'placeholders, one-hour writes, and no lines for what is beside the conversation' },
  '685eb549': { usd: 0.0103875, why: 'placeholders, one-hour writes, and no lines for what is beside the conversation' },
  c27c8778: { usd: 0.0368247, why: 'an attempt that was cut off' },
  '64b15895': { usd: 0.00018, why: 'a placeholder of an interrupted answer' },
  d2cf62e6: { usd: 0.03230625, why: 'no line for the compaction' },
  '46c2827b': { usd: 0.0109449, why: 'the client prices the model that was asked for' },
};

describe('transcripts alone', () => {
  const running = new Running();
  let sessions: ReadonlyMap<string, Session>;
  beforeAll(async () => {
    await running.start();
    await running.transcripts();
    sessions = await running.sessions();
  });
  afterAll(() => running.stop());

  const total = ({ metricCost, eventCost }: AgreementRow): number => Math.max(metricCost, eventCost);

  test('are there of nearly all sessions', () => {
    const missing = agreement.filter(({ session }) => !sessions.has(session)).map(({ capture }) => capture);
    expect(missing).toEqual(['2.1.329/basic.http-protobuf.gzip', '2.1.329/resume.http-json.cumulative', '2.1.329/tools.http-json.cumulative']);
  });

  test.each(agreement.map((row) => ({ ...row, why: LESS[row.session]?.why ?? 'nothing else' })))('$capture $session differ by $why', (row) => {
    const session = sessions.get(row.session);
    if (session === undefined) return;
    expect(Math.abs(total(row) - (LESS[row.session]?.usd ?? 0) - Number(session.cost_usd))).toBeLessThan(TOLERANCE);
  });
});
