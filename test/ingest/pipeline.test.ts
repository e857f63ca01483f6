import { describe, expect, test } from '@jest/globals';
import { PROBE, PROBE_ID } from '../../collector/catalog/probe.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import { claimAttributes, createAttribution } from '../../collector/ingest/attribution/attribution.ts';
import { runAttributes } from '../../collector/ingest/attribution/job.ts';
import { createJoinKeys } from '../../collector/ingest/attribution/join-keys.ts';
import { createOverruled } from '../../collector/ingest/attribution/overruled.ts';
import { createRealms } from '../../collector/ingest/attribution/realm.ts';
import { createInterpreter } from '../../collector/ingest/claude-code/interpret.ts';
import { createIngest } from '../../collector/ingest/pipeline.ts';
import type { DataPoint, Export, Ingest, LogRecord } from '../../collector/ingest/telemetry.ts';
import type { AppendOutcome, Batch, Entry } from '../../collector/ledger/entry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { waitFor } from '../support/wait.ts';
import { dataPoint, eventRecord, logsExport, RECEIVED_MS, TIME_MS } from './claude-code/support.ts';

interface Appended {
  readonly batch: Batch;
  commit(): void;
}

/** An ingest into a ledger that keeps what it is given, and commits when the test says so. */
function startIngest(): { readonly ingest: Ingest; readonly appends: Appended[]; readonly outcomes: AppendOutcome[] } {
  const { attribution, models, ingest_window: window } = defaultConfig();
  const appends: Appended[] = [];
  const outcomes: AppendOutcome[] = [];
  const append = (batch: Batch): Promise<AppendOutcome> => {
    const committed = Promise.withResolvers<AppendOutcome>();
    const outcome = { appended: batch.entries.length, duplicates: 0, conflicts: 0, expired: 0 };
    appends.push({ batch, commit: () => committed.resolve(outcome) });
    return committed.promise;
  };
  const ingest = createIngest({
    interpret: createInterpreter({
      aliases: models.aliases,
      claimAttributes: claimAttributes(attribution),
      runAttributes: runAttributes(attribution),
      window,
    }),
    attribute: createAttribution({ attribution, organization: '', pseudonymize: undefined }),
    realmOf: createRealms({ attribution, pseudonymize: undefined }),
    overruled: createOverruled({ attribution }),
    joinKeys: createJoinKeys({ attribution, pseudonymize: undefined }),
    prices: loadPriceBook(),
    ledger: { append },
    observer: { interpreted: () => undefined, appended: (outcome) => void outcomes.push(outcome) },
    now: () => RECEIVED_MS,
  });
  return { ingest, appends, outcomes };
}

const request = (id: number, more: Record<string, string | number> = {}): LogRecord =>
  eventRecord('api_request', { request_id: `req-${id}`, 'event.sequence': id, cost_usd: 0.25, input_tokens: 10, model: 'claude-opus-5-5', ...more });

async function entriesOf(received: Export): Promise<readonly Entry[]> {
  const { ingest, appends } = startIngest();
  const done = ingest(received, {});
  await waitFor('the append', () => appends.length === 1);
  for (const { commit } of appends) commit();
  await done;
  return appends.flatMap(({ batch }) => batch.entries);
}

describe('an export that says the same again', () => {
  test('hands one entry to the ledger, with how many more there were', async () => {
    const entries = await entriesOf(logsExport([...Array.from({ length: 900 }, () => request(1)), request(2)]));
    expect(entries.map(({ repeats }) => repeats)).toEqual([899, undefined]);
  });

  test('leaves the same identity with other content to the ledger', async () => {
    const entries = await entriesOf(logsExport([request(1), request(1, { cost_usd: 0.5 }), request(1), request(1, { input_tokens: 11 })]));
    expect(entries.map(({ cost, repeats }) => [cost, repeats])).toEqual([
      [250_000_000_000n, 1],
      [500_000_000_000n, undefined],
      [250_000_000_000n, undefined],
    ]);
  });

  test('adds up the parts of one metric message as ever, however many they are', async () => {
    const point = (message: number): DataPoint => dataPoint('claude_code.commit.count', 2, {}, { message });
    const records = [...Array.from({ length: 700 }, () => point(0)), point(1)];
    const entries = await entriesOf({ signal: 'metrics', scopes: [{ resource: new Map(), scopeName: '', scopeVersion: '', records }] });
    expect(entries.map(({ amounts }) => amounts.commits)).toEqual([1_400, 2]);
  });
});

describe('an export of 600 requests', () => {
  const large = logsExport(Array.from({ length: 600 }, (_, id) => request(id)));

  test('is appended in parts, each after the one before is durable, and answered after the last', async () => {
    const { ingest, appends, outcomes } = startIngest();
    let answered = false;
    const done = ingest(large, {}).finally(() => {
      answered = true;
    });
    for (const part of [1, 2, 3]) {
      await waitFor(`part ${part}`, () => appends.length === part);
      expect(answered).toBe(false);
      appends[part - 1]?.commit();
    }
    expect(await done).toEqual({ accepted: 600, rejected: 0, message: '' });
    expect(appends.map(({ batch }) => batch.entries.length)).toEqual([250, 250, 100]);
    expect(outcomes.map(({ appended }) => appended)).toEqual([250, 250, 100]);
  });

  test('is appended in the order of time, whatever the order of its records', async () => {
    const backwards = Array.from({ length: 600 }, (_, id) => ({ ...request(id), timeMs: TIME_MS - id }));
    const { ingest, appends } = startIngest();
    const done = ingest(logsExport(backwards), {});
    for (const part of [1, 2, 3]) {
      await waitFor(`part ${part}`, () => appends.length === part);
      appends[part - 1]?.commit();
    }
    await done;
    const times = appends.flatMap(({ batch }) => batch.entries.map(({ timeMs }) => timeMs));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test('lets a small export pass that comes after it', async () => {
    const { ingest, appends } = startIngest();
    const first = ingest(large, {});
    const second = ingest(logsExport([request(9_999)]), {});
    await waitFor('the small one', () => appends.length > 0);
    expect(appends[0]?.batch.entries).toHaveLength(1);
    const all = Promise.all([first, second]);
    for (let part = 0; part < 4; part++) {
      await waitFor('the next part', () => appends.length > part);
      appends[part]?.commit();
    }
    await all;
  });
});

test('a request that costs nothing keeps its tokens, with their list price beside it', async () => {
  const [entry] = await entriesOf(logsExport([request(1, { cost_usd: 0, input_tokens: 1_000 })]));
  expect(entry).toMatchObject({ cost: 0n, listCost: 4_000_000_000n, amounts: { input_tokens: 1_000 }, dimensions: { price_basis: 'discount' } });
  expect(entry?.amounts).not.toHaveProperty('unbilled_tokens');
});

describe('a probe', () => {
  const probe = (attributes: Record<string, string | number>): Export => ({
    signal: 'logs',
    scopes: [
      {
        resource: new Map([['service.name', 'claude-code']]),
        scopeName: PROBE,
        scopeVersion: '',
        records: [eventRecord('api_request', { request_id: 'req-1', cost_usd: 5, input_tokens: 10, model: 'claude-opus-5-5', ...attributes })],
      },
    ],
  });

  test.each([
    ['anybody', {}, 'Probe abc-1 arrived without a token.'],
    ['a token', { name: 'laptop' }, 'Probe abc-1 arrived with the credentials "laptop".'],
    [
      'a token of somebody, without the user',
      { name: 'laptop', user: 'ada@example.com', team: 'platform', workspace: 'api' },
      'Probe abc-1 arrived with the credentials "laptop" (team platform, workspace api).',
    ],
  ])('of %s is answered and books nothing, also when it looks like cost', async (_who, credentials, message) => {
    const { ingest, appends } = startIngest();
    expect(await ingest(probe({ [PROBE_ID]: 'abc-1' }), credentials)).toEqual({ accepted: 1, rejected: 0, message });
    expect(appends).toEqual([]);
  });

  test.each(['', 'x'.repeat(65), 'a b', '<script>'])('with the id %j is not repeated to anybody', async (id) => {
    expect(await startIngest().ingest(probe({ [PROBE_ID]: id }), {})).toEqual({ accepted: 1, rejected: 0, message: '' });
  });
});
