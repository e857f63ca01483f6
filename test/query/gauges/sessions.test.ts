import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { REALM_CHARACTERS, storedSessionId } from '../../../collector/catalog/session-ids.ts';
import { event, NOON } from '../../support/entries.ts';
import { openTestLedger, type TestLedger } from '../../support/sqlite-ledger.ts';
import { append, DAY_MS, HOUR_MS, only, read } from './gauge-context.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await openTestLedger();
});
afterEach(() => ledger.destroy());

const inSession = (sessionId: string, cost: string, beforeMs: number, more: object = {}) =>
  event({
    id: `${sessionId} ${beforeMs}`,
    sessionId,
    cost,
    timeMs: NOON - beforeMs,
    dimensions: { organization: 'acme', workspace: 'web', ...more },
  });

describe('the sessions that stand out', () => {
  const owner = 'acme, platform, alice@example.com, web';

  test('should be those seen this month, with all they ever cost and how long they went on', async () => {
    // long began last month and is counted whole; over ended in it.
    await append(ledger, [
      inSession('long', '1.50', 25 * DAY_MS),
      inSession('long', '0.25', HOUR_MS),
      inSession('short', '9', 2 * HOUR_MS),
      inSession('short', '1', HOUR_MS),
      inSession('over', '99', 25 * DAY_MS),
    ]);
    expect(await read(ledger, 'session_cost')).toEqual([`long, ${owner}: 1.75`, `short, ${owner}: 10`]);
    expect(await read(ledger, 'session_duration')).toEqual([`long, ${owner}: ${(25 * DAY_MS - HOUR_MS) / 1000}`, `short, ${owner}: 3600`]);
  });

  test('should be called as their clients call them, and of two alike be the larger: a series has one value', async () => {
    const stored = (token: string) => storedSessionId('s', token.repeat(REALM_CHARACTERS));
    await append(ledger, [
      inSession('s', '1', HOUR_MS),
      inSession(stored('a'), '3', HOUR_MS),
      inSession(stored('b'), '2', HOUR_MS, { workspace: 'api' }),
    ]);
    expect(await read(ledger, 'session_cost')).toEqual(['s, acme, platform, alice@example.com, api: 2', `s, ${owner}: 3`]);
  });

  test('should be the 25 most expensive', async () => {
    await append(
      ledger,
      Array.from({ length: 30 }, (_, index) => inSession(`s${index}`, String(index + 1), HOUR_MS)),
    );
    const samples = await read(ledger, 'session_cost');
    expect(samples).toHaveLength(25);
    expect(samples.some((sample) => sample.endsWith(': 30'))).toBe(true);
    expect(samples.some((sample) => sample.endsWith(': 5'))).toBe(false);
  });

  test('should begin with the month of the time zone', async () => {
    // In New York the month began at 04:00 UTC.
    const nowMs = Date.parse('2026-11-01T12:00:00Z');
    await append(ledger, [event({ id: 'a', sessionId: 'october', timeMs: Date.parse('2026-11-01T03:59:00Z') })]);
    expect(await read(ledger, 'session_cost', { nowMs, timeZone: 'UTC' })).toHaveLength(1);
    expect(await read(ledger, 'session_cost', { nowMs, timeZone: 'America/New_York' })).toEqual([]);
  });

  test('should be narrowed by owner, and not at all by what a session has several of', async () => {
    await append(ledger, [inSession('a', '1', HOUR_MS), inSession('b', '2', HOUR_MS, { workspace: 'api' })]);
    expect(await read(ledger, 'session_cost', { where: only('workspace', 'api') })).toEqual(['b, acme, platform, alice@example.com, api: 2']);
    expect(await read(ledger, 'session_cost', { where: only('model', 'claude-opus-5-5') })).toEqual([]);
  });
});

describe('sessions by what they cost', () => {
  test('should count those seen this month by all they ever cost, a bound in the band that it begins', async () => {
    await append(ledger, [
      inSession('cheap', '0.09', HOUR_MS),
      inSession('edge', '0.10', HOUR_MS),
      inSession('grown', '0.95', 25 * DAY_MS),
      inSession('grown', '0.05', HOUR_MS),
      inSession('dear', '19.99', HOUR_MS),
      inSession('dearest', '20', HOUR_MS, { organization: 'other' }),
      inSession('over', '7', 25 * DAY_MS),
    ]);
    const acme = ['acme, 0.10-1: 1', 'acme, 1-5: 1', 'acme, 20+: 0', 'acme, 5-20: 1', 'acme, <0.10: 1'];
    expect((await read(ledger, 'sessions_by_cost')).slice(0, 5)).toEqual(acme);
    expect((await read(ledger, 'sessions_by_cost')).slice(5)).toEqual(
      acme.map((sample) => sample.replace('acme', 'other').replace(/: .*/, sample.includes('20+') ? ': 1' : ': 0')),
    );
    expect(await read(ledger, 'sessions_by_cost', { where: only('organization', 'acme') })).toEqual(acme);
    expect(await read(ledger, 'sessions_by_cost', { where: only('model', 'claude-opus-5-5') })).toEqual([]);
  });
});

describe('background cost per session', () => {
  const session = (id: string, organization: string) =>
    event({ id: `begin ${id}`, sessionId: id, cost: '1', dimensions: { organization, query_source: 'main' } });
  const background = (id: string, organization: string, cost: string, timeMs = NOON) =>
    event({ id: `background ${id} ${cost}`, sessionId: id, cost, timeMs, dimensions: { organization, query_source: 'auxiliary' } });

  test('should be the auxiliary cost of the month over all its sessions, by organization and team', async () => {
    await append(ledger, [session('a', 'acme'), session('b', 'acme'), session('c', 'acme'), session('d', 'acme'), session('e', 'other')]);
    await append(ledger, [background('a', 'acme', '0.05'), background('b', 'acme', '0.07'), background('z', 'acme', '5', NOON - 25 * DAY_MS)]);
    // (0.05 + 0.07) / 4 sessions; neither the cost nor the session of last month is in it.
    expect(await read(ledger, 'background_cost_per_session')).toEqual([
      ', : 0.024',
      'acme, : 0.03',
      'acme, platform: 0.03',
      'other, : 0',
      'other, platform: 0',
    ]);
  });

  test('should be silent while there is no session to divide by', async () => {
    expect(await read(ledger, 'background_cost_per_session')).toEqual([]);
  });
});
