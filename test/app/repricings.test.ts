/** Repricings of a running collector: on a thread of their own, one at a time, noted with who applied them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRepricings, type Repricings } from '../../collector/app/repricings.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import type { LedgerReader, LedgerWriter } from '../../collector/ledger/ledger.ts';
import { openLedgerReader, openLedgerWriter } from '../../collector/storage/open.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { waitFor } from '../support/wait.ts';

describe('repricings', () => {
  let config: Config;
  let writer: LedgerWriter;
  let reader: LedgerReader;
  let repricings: Repricings;

  beforeEach(async () => {
    config = configSchema.parse({ data: mkdtempSync(join(tmpdir(), 'ledgerline-')) });
    writer = await openLedgerWriter(config);
    reader = await openLedgerReader(config);
    // Booked before the model had a price.
    const unpriced = { requests: 1, input_tokens: 1_000_000, output_tokens: 0, unpriced_tokens: 1_000_000 };
    const entries = ['a', 'b'].map((id) => ({ ...event({ id, sessionId: id, cost: '3', amounts: unpriced }), listCost: 0n }));
    await writer.append({ entries, receivedMs: NOON });
    repricings = createRepricings(config, writer, () => NOON + 5);
  });
  afterEach(async () => {
    await repricings.cancel();
    await reader.close();
    await writer.close();
    rmSync(config.data, { recursive: true });
  });

  const ended = async (): Promise<ReturnType<Repricings['state']>> => {
    await waitFor('the end of the repricing', () => repricings.state()?.isRunning === false);
    return repricings.state();
  };
  const list = async () =>
    (await reader.query({ measures: ['cost_list', 'unpriced_tokens'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 })).totals;

  test('show first, are applied then, and change nothing the second time', async () => {
    const asked = { asked: {}, who: 'ada' };
    expect(await repricings.start({ ...asked, isApplied: false })).toMatchObject({ isRunning: true, of: 2 });
    const shown = await ended();
    expect(shown).toMatchObject({ isApplied: false, entries: 2, failure: undefined, outcome: { corrections: 2, isWhole: true } });
    expect([await list(), await reader.repricings()]).toEqual([[0n, 2_000_000n], []]);
    await repricings.start({ ...asked, isApplied: true });
    const applied = await ended();
    expect(applied?.outcome?.shares).toEqual(shown?.outcome?.shares);
    expect(await list()).toEqual([usd(applied?.outcome?.shares[0]?.list ?? ''), 0n]);
    await repricings.start({ ...asked, isApplied: true });
    expect(await ended()).toMatchObject({ outcome: { corrections: 0 } });
    const noted = await reader.repricings();
    expect(noted.map(({ id, who, book, endedMs, outcome }) => [id, who, book, endedMs, outcome?.corrections])).toEqual([
      [2, 'ada', applied?.book, NOON + 5, 0],
      [1, 'ada', applied?.book, NOON + 5, 2],
    ]);
    await writer.erase({ names: ['ada'], pseudonym: 'erased-1', isRemembered: false, isTrial: false });
    expect((await reader.repricings()).map(({ who }) => who)).toEqual(['erased-1', 'erased-1']);
    expect(await reader.check()).toEqual([]);
  });

  test('run one at a time', async () => {
    const [first, second] = await Promise.allSettled([
      repricings.start({ asked: {}, who: 'ada', isApplied: false }),
      repricings.start({ asked: {}, who: 'bea', isApplied: false }),
    ]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await ended();
  });

  test('may be broken off, and end with the collector', async () => {
    await repricings.start({ asked: {}, who: 'ada', isApplied: true });
    const state = await repricings.cancel();
    expect(state).toMatchObject({ isRunning: false, failure: undefined });
    expect((await reader.repricings())[0]?.outcome).toBeDefined();
  });
});
