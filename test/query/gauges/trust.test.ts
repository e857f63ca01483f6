import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CLIENT_FAULTS, clientFaults } from '../../../collector/catalog/client-faults.ts';
import { sessionLines } from '../../../collector/cli/session.ts';
import { freshnessOf } from '../../../collector/query/render.ts';
import { renderSession } from '../../../collector/query/sessions.ts';
import { setAsideFindings } from '../../../collector/query/set-aside.ts';
import { unreconciledFindings } from '../../../collector/query/unreconciled.ts';
import { event, metric, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, HOUR_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

describe('records', () => {
  test('should be counted by what became of them', async () => {
    const first = event({ id: 'a' });
    await append(ledger, [first, first, { ...first, amounts: { requests: 2 } }]);
    await ledger.writer.append({ entries: [event({ id: 'b', timeMs: NOON - 2 * HOUR_MS })], receivedMs: NOON });
    expect(await read(ledger, 'records')).toEqual(['appended: 2', 'conflict: 1', 'duplicate: 1', 'expired: 0', 'late: 1']);
    expect(await read(ledger, 'records', { where: only('team', 'platform') })).toEqual([]);
  });
});

describe('numbers of events', () => {
  const numbered = (team: string, sequence: number, timeMs = NOON) =>
    event({ id: `${team} ${sequence}`, team, sessionId: team, timeMs: timeMs + sequence, sequence, dimensions: { organization: 'acme' } });

  test('should tell how many came and how many between them did not', async () => {
    await append(
      ledger,
      [0, 1, 4, 5].map((sequence) => numbered('platform', sequence)),
    );
    await append(ledger, [numbered('search', 0), numbered('old', 0, NOON - 8 * DAY_MS), numbered('old', 9, NOON - 8 * DAY_MS)]);
    expect(await read(ledger, 'sequence_received')).toEqual(['acme, platform: 4', 'acme, search: 1']);
    expect(await read(ledger, 'sequence_missing')).toEqual(['acme, platform: 2', 'acme, search: 0']);
    expect(await read(ledger, 'sequence_missing', { where: only('team', 'platform') })).toEqual(['acme, platform: 2']);
    expect(await read(ledger, 'sequence_missing', { where: only('workspace', 'web') })).toEqual([]);
  });
});

describe('the cost of the whole ledger', () => {
  test('should be exact, narrowed where asked, and missing while the ledger is empty', async () => {
    expect(await read(ledger, 'ledger_cost')).toEqual([]);
    await append(ledger, [event({ id: 'a', cost: '0.1' }), event({ id: 'b', cost: '0.2', team: 'search', timeMs: NOON - 300 * DAY_MS })]);
    // Not 0.30000000000000004: added up as integers.
    expect(await read(ledger, 'ledger_cost')).toEqual([': 0.3']);
    expect(await read(ledger, 'ledger_cost', { where: only('team', 'search') })).toEqual([': 0.2']);
  });
});

describe('cost that is held back', () => {
  test('should be shown with its amount, and be said with its remedy', async () => {
    const others = Array.from({ length: 60 }, (_, index) => event({ id: 'a', sessionId: `s${index}`, keys: [`${index}`] }));
    await append(ledger, [...others, metric({ id: 'm', sessionId: 'no-session:nobody:2026-11-20', keys: [], cost: '1.5', startMs: NOON - 1_000 })]);
    expect(await read(ledger, 'unreconciled_cost')).toEqual([': 1.5']);
    expect(await read(ledger, 'ledger_cost')).toEqual([': 0.6']);
    const [finding, ...more] = await unreconciledFindings(ledger.reader);
    expect(finding).toMatchObject({ code: 'unreconciled_cost', severity: 'warning', message: expect.stringMatching(/^\$1\.50 was reported/) });
    expect(more).toEqual([]);
    const session = await ledger.reader.session('no-session:nobody:2026-11-20');
    expect(session && sessionLines(renderSession(session, freshnessOf(NOON, NOON)))).toContain(
      '$1.50 is held back: its session was lost on the way, and other sessions may report it too.',
    );
  });

  test('should be shown likewise where it is dated outside the window', async () => {
    await append(ledger, [event({ id: 'a', cost: '1.5', isSetAside: true, isTimeUncertain: true })]);
    expect([await read(ledger, 'set_aside_cost'), await read(ledger, 'ledger_cost')]).toEqual([[': 1.5'], [': 0']]);
    expect(await setAsideFindings(ledger.reader)).toEqual([
      expect.objectContaining({ code: 'cost_set_aside', severity: 'warning', message: expect.stringMatching(/^\$1\.50 is dated outside/) }),
    ]);
  });

  test('should be nothing where nothing is', async () => {
    await append(ledger, [event({ id: 'a' })]);
    expect(await read(ledger, 'unreconciled_cost')).toEqual([': 0']);
    expect(await unreconciledFindings(ledger.reader)).toEqual([]);
    expect([await read(ledger, 'set_aside_cost'), await setAsideFindings(ledger.reader)]).toEqual([[': 0'], []]);
  });
});

describe('client versions with known faults', () => {
  const client = (version: string, timeMs: number) =>
    event({ id: `${version} ${timeMs}`, sessionId: `${version} ${timeMs}`, timeMs, dimensions: { client_version: version } });
  const wordsOf = (code: string): string => CLIENT_FAULTS.find((fault) => fault.code === code)?.words ?? 'no such fault';

  test('should be marked on the day they were first seen, once for each fault', async () => {
    await append(ledger, [client('2.1.238', NOON - 3 * DAY_MS), client('2.1.238', NOON), client('2.1.329', NOON)]);
    const day = Date.parse('2026-11-17T00:00:00Z') / 1000;
    expect(await read(ledger, 'client_fault')).toEqual(
      [
        `2.1.238, ${wordsOf('client_interrupted_unbilled')}: ${day}`,
        `2.1.238, ${wordsOf('client_us_surcharge_missing')}: ${day}`,
        `2.1.238, ${wordsOf('client_sonnet_5_overpriced')}: ${day}`,
      ].sort(),
    );
    expect(await read(ledger, 'client_fault', { where: only('client_version', '2.1.329') })).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['1.0.60', ['client_cost_doubled', 'client_fallback_unbilled', 'client_stream_counted_twice']],
    ['2.1.59', ['client_fallback_unbilled', 'client_sonnet_overpriced', 'client_cache_1h_underpriced', 'client_stream_counted_twice']],
    ['2.1.76', ['client_fallback_unbilled', 'client_cache_1h_underpriced', 'client_stream_counted_twice']],
    ['2.1.77', ['client_cache_1h_underpriced', 'client_stream_counted_twice']],
    ['2.1.121', ['client_stream_counted_twice']],
    ['2.1.214', []],
    ['2.1.329', []],
    ['3.0.0', []],
    ['dev', []],
    ['', []],
  ])('version %j should have the faults that make money wrong: %j', (version, codes) => {
    const warnings = clientFaults(version).filter(({ severity }) => severity === 'warning');
    expect(warnings.map(({ code }) => code)).toEqual(codes);
  });
});
