/** Routing, quiet hours, inhibition and what is told when: decisions without a ledger. */
import { describe, expect, test } from '@jest/globals';
import { type Alert, alertsOf } from '../../collector/alerts/alert.ts';
import type { Anomaly } from '../../collector/alerts/anomalies/anomaly.ts';
import { decide } from '../../collector/alerts/decide.ts';
import type { AlertRecord } from '../../collector/alerts/outbox.ts';
import { channelsFor, inhibition, isHeldBack } from '../../collector/alerts/routing.ts';
import type { Severity } from '../../collector/budgets/status.ts';
import type { AlertsConfig } from '../../collector/config/alerts.ts';
import { configSchema } from '../../collector/config/config.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const HOUR_MS = 3_600_000;

const alert = (id: string, severity: Severity = 'warning', more: Partial<Alert> = {}): Alert => ({
  ...{ id, severity, name: 'LedgerlineAnomalySpend', team: 'platform', group: 'one', labels: {}, againAfterMs: undefined, endsMs: undefined },
  subject: { kind: 'share', share: { what: 'unpriced', share: 1, limit: 0 } },
  ...more,
});
const never = { nowMs: NOW, isHeldBack: () => false };

/** The records after a decision, each told one marked as told. */
function step(known: readonly AlertRecord[], active: readonly Alert[], context: Parameters<typeof decide>[2] = never) {
  const decision = decide(known, active, context);
  const notified = new Set(decision.notify.map(({ id }) => id));
  const records = new Map(known.map((record) => [record.id, record]));
  for (const record of decision.records) records.set(record.id, record);
  return {
    notified: [...notified],
    over: decision.notifyResolved.map(({ id }) => id),
    records: [...records.values()].map(
      (record): AlertRecord => (notified.has(record.id) ? { ...record, notification: 'notified', channels: ['hook'] } : record),
    ),
  };
}

describe('an alert', () => {
  test('is told when it begins, and not again while it goes on', () => {
    const first = step([], [alert('a')]);
    expect(first.notified).toEqual(['a']);
    expect(step(first.records, [alert('a')]).notified).toEqual([]);
  });

  test('is told as over once', () => {
    const first = step([], [alert('a')]);
    const second = step(first.records, []);
    expect(second.over).toEqual(['a']);
    expect(step(second.records, []).over).toEqual([]);
  });

  test('that comes back is told again only where it may be, and then not before its time', () => {
    const rest = (againAfterMs: number | undefined, ms: number): readonly string[] => {
      const first = step([], [alert('a', 'warning', { againAfterMs })]);
      const second = step(first.records, []);
      const back = step(second.records, [alert('a', 'warning', { againAfterMs })], { ...never, nowMs: NOW + ms });
      return [...back.notified, ...step(back.records, []).over];
    };
    expect(rest(undefined, 1_000 * HOUR_MS)).toEqual([]);
    expect(rest(24 * HOUR_MS, 24 * HOUR_MS - 1)).toEqual([]);
    expect(rest(24 * HOUR_MS, 24 * HOUR_MS)).toEqual(['a', 'a']);
  });

  test('that came back too soon is told once its time has come, and at once when something else has ended', () => {
    const wavering = alert('a', 'warning', { againAfterMs: 6 * HOUR_MS });
    const first = step([], [wavering]);
    const back = step(step(first.records, []).records, [wavering], { ...never, nowMs: NOW + HOUR_MS });
    expect(back.notified).toEqual([]);
    expect(step(back.records, [wavering], { ...never, nowMs: NOW + 5 * HOUR_MS }).notified).toEqual([]);
    expect(step(back.records, [wavering], { ...never, nowMs: NOW + 6 * HOUR_MS }).notified).toEqual(['a']);
    const news = { ...wavering, newsMs: NOW + HOUR_MS };
    expect(step(step(first.records, []).records, [news], { ...never, nowMs: NOW + HOUR_MS }).notified).toEqual(['a']);
    expect(step(first.records, [news], { ...never, nowMs: NOW + 8 * HOUR_MS }).notified).toEqual([]);
  });

  test('that fired by a clock that was ahead is told again at once, where it may be at all', () => {
    const back = (againAfterMs: number | undefined): readonly string[] => {
      const one = alert('a', 'warning', { againAfterMs });
      const first = step([], [one], { ...never, nowMs: NOW + 1_000 * HOUR_MS });
      return step(step(first.records, []).records, [one]).notified;
    };
    expect([back(24 * HOUR_MS), back(undefined)]).toEqual([['a'], []]);
  });

  test('that was hidden is told once nothing graver hides it, and never as over if nobody heard of it', () => {
    const lesser = alert('a', 'warning', { labels: { at: '0.8' } });
    const hidden = step([], [lesser, alert('b', 'critical', { labels: { at: '1' } })]);
    expect(hidden.notified).toEqual(['b']);
    expect(step(hidden.records, [lesser])).toMatchObject({ notified: ['a'], over: ['b'] });
    expect(step(hidden.records, []).over).toEqual(['b']);
  });

  test('that ended while it was held back is nobody’s business; begun again, it is new', () => {
    const held = step([], [alert('a')], { ...never, isHeldBack: () => true });
    expect(held.notified).toEqual([]);
    const ended = step(held.records, []);
    expect(ended.over).toEqual([]);
    expect(step(ended.records, [alert('a')]).notified).toEqual(['a']);
  });

  test('is not told as over in quiet hours, but when they end', () => {
    const first = step([], [alert('a')]);
    const quiet = step(first.records, [], { ...never, isHeldBack: () => true });
    expect(quiet.over).toEqual([]);
    expect(step(quiet.records, []).over).toEqual(['a']);
  });

  test('of a raised amount replaces that of the old one without a word about its end', () => {
    const at = { group: 'budget/platform', labels: { at: '0.8' } };
    const first = step([], [alert('of 1000', 'warning', at)]);
    expect(step(first.records, [alert('of 1200', 'warning', at)])).toMatchObject({ notified: ['of 1200'], over: [] });
  });

  test('of a lowered amount is not told as over where a graver one hides it, but when it ends', () => {
    const half = (id: string) => alert(id, 'info', { group: 'budget/platform', labels: { at: '0.5' } });
    const most = alert('80 % of 60', 'warning', { group: 'budget/platform', labels: { at: '0.8' } });
    const first = step([], [half('50 % of 100')]);
    const lowered = step(first.records, [half('50 % of 60'), most]);
    expect(lowered).toMatchObject({ notified: ['80 % of 60'], over: [] });
    const less = step(lowered.records, [half('50 % of 60')]);
    expect(less).toMatchObject({ notified: [], over: ['80 % of 60'] });
    expect(step(less.records, []).over).toEqual(['50 % of 60']);
  });

  test('that ends beside the same one of another budget is told as over', () => {
    const of = (budget: string) => alert(budget, 'warning', { group: 'session/s', labels: { budget } });
    expect(step(step([], [of('a'), of('b')]).records, [of('b')]).over).toEqual(['a']);
  });

  test('that becomes graver is told again; on its way back it passes on who heard, until it is over', () => {
    const warning = alert('w', 'warning', { againAfterMs: 24 * HOUR_MS });
    const critical = alert('c', 'critical', { againAfterMs: 24 * HOUR_MS });
    const later = (hours: number) => ({ ...never, nowMs: NOW + hours * HOUR_MS });
    const first = step([], [warning]);
    const worse = step(first.records, [critical], later(1));
    expect(worse).toMatchObject({ notified: ['c'], over: [] });
    const better = step(worse.records, [warning], later(2));
    expect(better).toMatchObject({ notified: [], over: [] });
    expect(better.records.find(({ id }) => id === 'w')).toMatchObject({ notification: 'notified', channels: ['hook'], firedMs: NOW + HOUR_MS });
    expect(step(better.records, [], later(3)).over).toEqual(['w']);
  });
});

describe('an anomaly', () => {
  const facts = { budgets: [], sessions: [], shares: [], rates: [], rateLimited: 0 };
  const found = (kind: Anomaly['kind'], severity: Severity, atMs: number): Alert[] =>
    alertsOf({ ...facts, anomalies: [{ kind, severity, scope: { dimension: '', value: '' }, atMs, words: '', figures: {} }] });
  const later = (hours: number) => ({ ...never, nowMs: NOW + hours * HOUR_MS });

  test('is told again within a day where it is another loss of all telemetry', () => {
    const lost = (hours: number) => found('telemetry_stopped', 'critical', NOW + hours * HOUR_MS);
    const first = step([], lost(-2));
    const over = step(first.records, [], later(1));
    expect(step(over.records, lost(-2), later(2)).notified).toEqual([]);
    expect(step(over.records, lost(6), later(8)).notified).toHaveLength(1);
  });

  test('is told again when it becomes critical, and only then', () => {
    const first = step([], found('spend', 'warning', NOW));
    const worse = step(first.records, found('spend', 'critical', NOW), later(1));
    expect([worse.notified.length, worse.over]).toEqual([1, []]);
    expect(step(worse.records, found('spend', 'critical', NOW), later(2)).notified).toEqual([]);
  });
});

describe('inhibition', () => {
  test('hides what is less grave in the same matter, and nothing of another', () => {
    const critical = alert('c', 'critical');
    expect(inhibition([critical])(alert('w'))).toBe(true);
    expect(inhibition([alert('w')])(alert('i', 'info'))).toBe(true);
    expect(inhibition([critical])(alert('w', 'warning', { group: 'another' }))).toBe(false);
    expect([inhibition([critical])(critical), inhibition([alert('w2')])(alert('w'))]).toEqual([false, false]);
  });
});

describe('quiet hours', () => {
  const hours = (quiet_hours: object[]) => configSchema.parse({ alerts: { quiet_hours } }).alerts.quiet_hours;
  const held = (quiet: object, instant: string, severity: Severity = 'warning', zone = 'UTC') =>
    isHeldBack(severity, hours([quiet]), Date.parse(instant), zone);

  test('over midnight belong to the day they begin on', () => {
    const friday = { days: ['friday'], from: '20:00', to: '07:00' };
    expect(held(friday, '2026-11-20T19:59:59Z')).toBe(false);
    expect(held(friday, '2026-11-20T20:00:00Z')).toBe(true);
    expect(held(friday, '2026-11-21T06:59:59Z')).toBe(true);
    expect(held(friday, '2026-11-21T07:00:00Z')).toBe(false);
    expect(held(friday, '2026-11-20T06:00:00Z')).toBe(false);
    expect(held(friday, '2026-11-21T20:00:00Z')).toBe(false);
  });

  test('from Sunday reach into Monday', () => {
    const sunday = { days: ['sunday'], from: '22:00', to: '06:00' };
    expect([held(sunday, '2026-11-22T23:00:00Z'), held(sunday, '2026-11-23T05:00:00Z'), held(sunday, '2026-11-22T05:00:00Z')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('are in their own zone, or that of the ledger, also in the night the clock changes', () => {
    const berlin = { from: '01:00', to: '04:00', time_zone: 'Europe/Berlin' };
    // 25 October 2026, 02:30 happens twice; both are quiet.
    expect([held(berlin, '2026-10-25T00:30:00Z'), held(berlin, '2026-10-25T01:30:00Z'), held(berlin, '2026-10-25T03:00:00Z')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(held({ from: '01:00', to: '04:00' }, '2026-11-20T17:00:00Z', 'info', 'Asia/Tokyo')).toBe(true);
  });

  test('over midnight hold through the nights in which an hour is skipped or comes twice', () => {
    const night = { from: '22:00', to: '03:00', time_zone: 'Europe/Berlin' };
    // 29 March 2026: at 01:00 UTC it becomes 03:00. 25 October: 02:59 comes twice, and 03:00 at 02:00 UTC.
    expect(['2026-03-28T20:59:00Z', '2026-03-28T21:00:00Z', '2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'].map((at) => held(night, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(['2026-10-24T19:59:00Z', '2026-10-24T20:00:00Z', '2026-10-25T01:59:00Z', '2026-10-25T02:00:00Z'].map((at) => held(night, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('of the same beginning and end are a whole day', () => {
    const day = { days: ['saturday'], from: '00:00', to: '00:00' };
    expect([
      held(day, '2026-11-21T00:00:00Z'),
      held(day, '2026-11-21T23:59:00Z'),
      held(day, '2026-11-20T23:59:00Z'),
      held(day, '2026-11-22T00:00:00Z'),
    ]).toEqual([...[true, true, false, false]]);
  });

  test('never hold back what is critical', () => expect(held({ from: '00:00', to: '00:00' }, '2026-11-20T12:00:00Z', 'critical')).toBe(false));
});

describe('routes', () => {
  const hook = (name: string) => ({ name, type: 'webhook', url: 'https://example.com' });
  const alerts: AlertsConfig = configSchema.parse({
    alerts: {
      channels: [hook('a'), hook('b'), hook('c')],
      routes: [
        { teams: ['platform'], severities: ['critical'], channels: ['a', 'b'] },
        { teams: ['platform'], channels: ['b'] },
        { severities: ['info'], channels: ['c'] },
      ],
    },
  }).alerts;

  test.each([
    ['platform', 'critical', ['a', 'b']],
    ['platform', 'info', ['b']],
    ['data', 'info', ['c']],
    ['data', 'warning', ['a', 'b', 'c']],
    ['', 'critical', ['a', 'b', 'c']],
  ] as const)('take an alert of team "%s" and severity %s to %j', (team, severity, expected) => {
    expect(channelsFor({ team, severity }, alerts)).toEqual(expected);
  });
});
