/** Clients that leave session.id out, with cumulative metrics and events, over midnight: from the records to the ledger. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../collector/config/config.ts';
import { DAY_MS, MINUTE_MS } from '../../collector/core/duration.ts';
import { claimAttributes, createAttribution } from '../../collector/ingest/attribution/attribution.ts';
import { runAttributes } from '../../collector/ingest/attribution/job.ts';
import { createJoinKeys } from '../../collector/ingest/attribution/join-keys.ts';
import { createOverruled } from '../../collector/ingest/attribution/overruled.ts';
import { createRealms } from '../../collector/ingest/attribution/realm.ts';
import { createInterpreter } from '../../collector/ingest/claude-code/interpret.ts';
import { createIngest } from '../../collector/ingest/pipeline.ts';
import type { Export, Ingest } from '../../collector/ingest/telemetry.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { usd } from '../support/entries.ts';
import { seededRandom } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';
import { dataPoint, eventRecord, logsExport, metricsExport } from './claude-code/support.ts';

const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z');
const random = seededRandom('without session');

function ingestInto(ledger: TestLedger, nowMs: number): Ingest {
  const { attribution, models, ingest_window: window } = defaultConfig();
  return createIngest({
    interpret: createInterpreter({
      aliases: models.aliases,
      claimAttributes: claimAttributes(attribution),
      runAttributes: runAttributes(attribution),
      window,
    }),
    attribute: createAttribution({ attribution, organization: '' }),
    realmOf: createRealms({ attribution }),
    overruled: createOverruled({ attribution }),
    joinKeys: createJoinKeys({ attribution }),
    prices: loadPriceBook(),
    ledger: ledger.writer,
    observer: { interpreted: () => undefined, appended: () => undefined },
    now: () => nowMs,
  });
}

const WHO = { 'user.email': 'alice@example.com', 'session.id': '' };

/** A process that asks for a dollar each third minute, and reports what it has come to each minute, as cumulative series do from their first amount on. */
function processOf(
  name: string,
  fromMinute: number,
  toMinute: number,
): { readonly logs: Export[]; readonly metrics: Export[]; readonly spent: number } {
  const logs: Export[] = [];
  const metrics: Export[] = [];
  let spent = 0;
  const startMs = MIDNIGHT + fromMinute * MINUTE_MS;
  for (let minute = fromMinute; minute < toMinute; minute++) {
    const timeMs = MIDNIGHT + minute * MINUTE_MS;
    if (minute % 3 === 0) {
      spent++;
      const at = { 'event.timestamp': new Date(timeMs + 10_000).toISOString(), 'event.sequence': minute - fromMinute };
      const request = { ...WHO, ...at, request_id: `${name}-${minute}`, cost_usd: 1, input_tokens: 1_000, model: 'claude-opus-5-5' };
      logs.push(logsExport([eventRecord('api_request', request, { timeMs: timeMs + 10_000 })]));
    }
    const point = { startMs, timeMs: timeMs + 40_000, unit: 'USD', temporality: 'cumulative' } as const;
    if (spent > 0) metrics.push(metricsExport([dataPoint('claude_code.cost.usage', spent, { ...WHO, model: 'claude-opus-5-5' }, point)]));
  }
  return { logs, metrics, spent };
}

describe('records without a session, over midnight', () => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await openTestLedger();
  });
  afterEach(() => ledger.destroy());

  const cost = async (): Promise<bigint | undefined> => {
    const { totals } = await ledger.reader.query({ measures: ['cost'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 });
    return totals[0];
  };
  const send = async (exports: readonly Export[]): Promise<void> => {
    const ingest = ingestInto(ledger, MIDNIGHT + DAY_MS);
    for (const one of exports) await ingest(one, {});
  };
  const processes = [processOf('one', -30, 45), processOf('two', -3, 9), processOf('three', 6, 40)];
  const spent = usd(String(processes.reduce((sum, one) => sum + one.spent, 0)));

  test('are booked once, in whatever order they come', async () => {
    const all = processes.flatMap(({ logs, metrics }) => [...logs, ...metrics]);
    await send(all);
    expect(await cost()).toBe(spent);
    await send(random.shuffle(all));
    expect(await cost()).toBe(spent);
    expect(await ledger.reader.check()).toEqual([]);
  });

  test('are booked once though they come out of order', async () => {
    await send(random.shuffle(processes.flatMap(({ logs, metrics }) => [...logs, ...metrics])));
    expect(await cost()).toBe(spent);
    expect(await ledger.reader.check()).toEqual([]);
  });

  test('are booked by their metrics alone but for what falls between the readings around midnight', async () => {
    await send(processes.flatMap(({ metrics }) => metrics));
    // Of the two processes that were there at midnight one dollar each: at 0:00:10, before the first reading of the day.
    expect(await cost()).toBe(spent - usd('2'));
    expect(await ledger.reader.check()).toEqual([]);
  });
});
