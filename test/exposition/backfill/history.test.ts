/** A ledger with more rows than are read at once: the same past, read in parts, and no label set without its own. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exposedFamilies } from '../../../collector/catalog/series-families.ts';
import { configSchema } from '../../../collector/config/config.ts';
import { type HistoryOptions, readHistory } from '../../../collector/exposition/backfill/history.ts';
import { event } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { DAY, END, HOUR, openPast, type PastLedger, START } from './past.ts';

const families = exposedFamilies(configSchema.parse({}).exposition);

type Asked = Pick<HistoryOptions, 'fromMs' | 'toMs' | 'stepMs' | 'rowsMax'>;

/** What each instant shows, as text. */
async function pastOf(ledger: TestLedger, asked: Asked): Promise<string[]> {
  const shown: string[] = [];
  for await (const { timeMs, tracks } of readHistory(ledger.reader, { labels: {}, families, version: '1', ...asked })) {
    const samples = tracks.map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`).sort();
    shown.push([new Date(timeMs).toISOString(), ...samples].join('\n'));
  }
  return shown;
}

describe('read in parts', () => {
  let past: PastLedger;
  beforeAll(async () => {
    past = await openPast();
  });
  afterAll(() => past?.destroy());

  const QUARTER = HOUR / 4;
  test.each([
    ['quarters of an hour', { fromMs: START, toMs: END, stepMs: QUARTER }, 577],
    ['hours, from a later day on', { fromMs: START + 2 * DAY, toMs: END, stepMs: HOUR }, 97],
    ['days', { fromMs: START, toMs: END, stepMs: DAY }, 7],
    ['minutes, from any minute on to any other', { fromMs: START + DAY + 5 * 60_000, toMs: START + 2 * DAY + 7 * 60_000, stepMs: 60_000 }, 1_443],
  ])('%s are the same', async (_name, asked, instants) => {
    const whole = await pastOf(past, asked);
    expect(whole).toHaveLength(instants);
    const parts = await pastOf(past, { ...asked, rowsMax: 8 });
    // Not all of it in one comparison: what differs would take minutes to print.
    expect(parts).toHaveLength(instants);
    expect(parts.findIndex((text, index) => text !== whole[index])).toBe(-1);
  });
});

test('a quarter of an hour with more label sets than are read at once is an error that says when', async () => {
  const ledger = await openTestLedger();
  const users = ['ada', 'bob', 'carl'];
  await ledger.writer.append({ entries: users.map((user) => event({ id: user, cost: '1', user, timeMs: START + HOUR })), receivedMs: START + HOUR });
  const asked = { fromMs: START, toMs: START + DAY, stepMs: HOUR };
  expect((await pastOf(ledger, { ...asked, rowsMax: 3 })).at(-1)).toContain('"user":"carl"');
  await expect(pastOf(ledger, { ...asked, rowsMax: 2 })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('from 2025-09-01T01:00:00.000Z has more than 2 label sets'),
  });
  await ledger.destroy();
});
