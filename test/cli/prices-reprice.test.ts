/** ledgerline prices reprice: what it shows, and that it needs a collector. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createRepricings, type Repricings } from '../../collector/app/repricings.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { RepricingState } from '../../collector/query/repricing-answers.ts';
import { startApi } from '../api/support.ts';
import { event } from '../support/entries.ts';
import { waitFor } from '../support/wait.ts';
import { outcome, printed, RunningCommand } from './command.ts';

const NOW = Date.parse('2026-11-20T12:00Z');

const stateOf = (isApplied: boolean, isWhole = true): RepricingState => ({
  ...{ asked: {}, isApplied, isRunning: false, startedMs: NOW, book: 'b00c', entries: 1_234, of: 1_234, failure: undefined },
  outcome: {
    ...{ entries: 1_234, corrections: 2, isWhole, beyond: { sessions: 1, list: '7.50', unpricedTokens: 3 } },
    shares: [
      { model: 'claude-opus-5-5', team: 'platform', list: '-1.25', contracted: '0.00', uncertain: '0.00', cost: '-1.25', unpricedTokens: -40 },
    ],
  },
});

test('shows what would change, books it, and lists what was booked', async () => {
  let isWhole = true;
  const start = async ({ isApplied }: { readonly isApplied: boolean }) => stateOf(isApplied, isWhole);
  const api = await startApi({ nowMs: NOW, repricing: { start, state: async () => null, cancel: async () => null } });
  try {
    const args = ['prices', 'reprice', '--url', api.url];
    const shown = await printed(args, { now: NOW });
    expect(shown).toContain('Would book 2 adjustments after 1,234 entries. Nothing was changed; --apply books it.');
    expect(shown).toMatch(/claude-opus-5-5\s+platform\s+-\$1\.25/);
    expect(shown).toContain(
      'Entries of 1 sessions were removed because of their age: 7.50 USD of list price and 3 unpriced tokens stay as they are.',
    );
    expect(await printed([...args, '--apply'], { now: NOW })).toContain('Booked 2 adjustments after 1,234 entries.');
    expect(JSON.parse(await printed([...args, '-o', 'json'], { now: NOW }))).toMatchObject({ applied: false, outcome: { corrections: 2 } });
    isWhole = false;
    expect(await outcome([...args, '--apply'], { now: NOW })).toMatchObject({ code: 1, text: expect.stringContaining('Run it again to go on.') });
    expect(await printed([...args, '--history'], { now: NOW })).toContain('Nothing was repriced yet.');
    const noted = { startedMs: NOW, endedMs: NOW, who: 'ada', book: 'b00c', asked: { models: ['m'] }, outcome: stateOf(true).outcome };
    await api.ledger.writer.noteRepricing(noted);
    expect(await printed([...args, '--history'], { now: NOW })).toMatch(/1\s+2026-11-20T12:00:00\S*\s+2026-11-20T12:00:00\S*\s+ada\s+b00c/);
  } finally {
    await api.stop();
  }
});

test('Ctrl-C breaks it off: what was booked stays, and the next run goes on', async () => {
  const [made, gate] = [Promise.withResolvers<Repricings>(), Promise.withResolvers<void>()];
  let polls = 0;
  const repricing = {
    start: async (request: Parameters<Repricings['start']>[0]) => (await made.promise).start(request),
    state: async () => {
      polls++;
      return (await made.promise).state();
    },
    // Booking waits for this, so that the repricing is at its first page.
    cancel: async () => {
      const cancelled = (await made.promise).cancel();
      gate.resolve();
      return cancelled;
    },
  };
  const api = await startApi({ nowMs: NOW, repricing });
  try {
    const { writer, reader, file } = api.ledger;
    const append: typeof writer.append = (batch) => gate.promise.then(() => writer.append(batch));
    const noteRepricing: typeof writer.noteRepricing = (noted) => writer.noteRepricing(noted);
    made.resolve(createRepricings(configSchema.parse({ data: dirname(file) }), { append, noteRepricing }, () => NOW));
    // More than a page of them, booked before the model had a price.
    const amounts = { requests: 1, input_tokens: 1_000_000, unpriced_tokens: 1_000_000 };
    for (let session = 0; session < 45; session++) {
      const ids = Array.from({ length: 100 }, (_, index) => `${session} ${index}`);
      await api.append(ids.map((id) => ({ ...event({ id, sessionId: `s${session}`, cost: '3', amounts }), listCost: 0n })));
    }
    const args = ['prices', 'reprice', '--apply', '--url', api.url];
    const command = new RunningCommand(args);
    await waitFor('the command to ask how far it is', () => polls > 0, { context: () => command.out + command.err });
    const { code, out, err } = await command.stop('SIGINT');
    expect([code, err.trim()]).toEqual([1, 'Breaking off.']);
    expect(out).toContain('Broken off: 40 adjustments after 4,000 entries were booked. Run it again to go on.');
    const unpriced = async () =>
      (await reader.query({ measures: ['unpriced_tokens'], by: [], grain: 'total', timeZone: 'UTC', where: [], rowsMax: 9 })).totals;
    expect(await unpriced()).toEqual([500_000_000n]);
    expect(await printed(args, { now: NOW })).toContain('Booked 5 adjustments after 4,540 entries.');
    expect(await unpriced()).toEqual([0n]);
    expect(await printed(args, { now: NOW })).toContain('Nothing differs: everything is booked at these prices.');
    expect((await reader.repricings()).map(({ outcome: end }) => [end?.corrections, end?.isWhole])).toEqual([
      [0, true],
      [5, true],
      [40, false],
    ]);
    expect(await reader.check()).toEqual([]);
  } finally {
    gate.resolve();
    await api.stop();
  }
});

test('says that it needs a collector where none runs', async () => {
  const data = mkdtempSync(join(tmpdir(), 'ledgerline-'));
  await expect(outcome(['prices', 'reprice', '--data', data])).rejects.toMatchObject({
    message: 'No collector runs on this ledger, and repricing is its work.',
    hint: 'Start it with `ledgerline serve`, or name another one with --url.',
  });
  rmSync(data, { recursive: true });
});

test('says that a collector on a shared ledger has to be named', async () => {
  const env = { LEDGERLINE_STORAGE_URL: 'postgres://ledgerline@127.0.0.1/ledgerline' };
  await expect(outcome(['prices', 'reprice'], { env })).rejects.toMatchObject({
    message: 'The collectors on a shared ledger are not looked for, and repricing is the work of one.',
    hint: 'Name one with --url.',
  });
});
