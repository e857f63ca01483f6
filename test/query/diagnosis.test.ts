import { describe, expect, test } from '@jest/globals';
import type { RefusalTotal } from '../../collector/catalog/refusals.ts';
import type { LedgerStatus } from '../../collector/ledger/ledger.ts';
import type { Sender } from '../../collector/ledger/sessions.ts';
import { diagnose } from '../../collector/query/diagnosis.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const HOUR_MS = 3_600_000;

const status = (overrides: Partial<LedgerStatus> = {}): LedgerStatus => ({
  asOfMs: NOW - 20_000,
  entries: 100,
  sessions: 4,
  schemaVersion: 1,
  counters: { appended: 100, duplicates: 3, conflicts: 0, expired: 0, late: 0 },
  heldBack: 0,
  overflow: {},
  ...overrides,
});
const sender = (overrides: Partial<Sender> = {}): Sender => ({
  user: 'alice@example.com',
  team: 'platform',
  job: '',
  clientVersion: '2.1.329',
  sessions: 1,
  lastSeenMs: NOW,
  ...overrides,
});
const codes = (facts: LedgerStatus, senders: readonly Sender[] = [sender()]): string[] =>
  diagnose(facts, senders, NOW).map((finding) => `${finding.severity} ${finding.code}`);

const refused = (overrides: Partial<RefusalTotal> = {}): RefusalTotal => ({
  ...{ kind: 'token_missing', detail: '', count: 15, firstMs: NOW - 3 * HOUR_MS, lastMs: NOW - 20_000 },
  ...{ senders: [{ address: '10.0.0.7', count: 15, lastMs: NOW - 20_000 }], hasMoreSenders: false },
  ...overrides,
});

describe('refusals', () => {
  const found = (facts: LedgerStatus, ...refusals: RefusalTotal[]) => diagnose(facts, [sender()], NOW, { refusals });

  test('should be named with count, times, address and remedy', () => {
    expect(found(status(), refused())).toEqual([
      {
        code: 'token_missing',
        severity: 'warning',
        message: '15 exports had no bearer token: last 20 s ago, first 3 h ago, from 10.0.0.7.',
        remedy: expect.stringContaining('OTEL_EXPORTER_OTLP_HEADERS'),
      },
    ]);
  });

  test('should never stand beside "nobody has sent anything"', () => {
    const [first, second] = found(status({ asOfMs: undefined }), refused());
    expect(first).toMatchObject({
      code: 'nothing_booked',
      severity: 'critical',
      message: 'Senders have reached the collector, but nothing has been booked: 15 refusals, last 20 s ago, from 10.0.0.7.',
    });
    expect(second?.code).toBe('token_missing');
  });

  test('should not take a health check for somebody who sends', () => {
    const findings = found(status({ asOfMs: undefined }), refused({ kind: 'not_an_export', detail: 'GET' }));
    expect(findings.map(({ code }) => code)).toEqual(['no_telemetry', 'not_an_export']);
  });

  test('should explain why the data is old', () => {
    const [stale] = found(status({ asOfMs: NOW - 14 * HOUR_MS }), refused());
    expect(stale).toMatchObject({ code: 'telemetry_stale', severity: 'warning', message: expect.stringContaining('was refused') });
  });

  test('should alarm nobody a day later, nor when nothing was lost', () => {
    const old = refused({ lastMs: NOW - 25 * HOUR_MS });
    const foreign = refused({ kind: 'other_service', detail: 'checkout' });
    expect(found(status(), old, foreign).map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'ok healthy',
      'info token_missing',
      'info other_service',
    ]);
  });

  test('should show some paths of a scanner and count the others', () => {
    const paths = ['/a', '/b', '/c', '/d', '/e'].map((detail) => refused({ kind: 'wrong_path', detail, count: 2 }));
    expect(found(status(), ...paths).map(({ message }) => message.split(':')[0])).toEqual([
      '2 exports went to the path /a, where no OTLP is received',
      '2 exports went to the path /b, where no OTLP is received',
      '2 exports went to the path /c, where no OTLP is received',
      '4 more of the kind wrong_path, in 2 forms.',
    ]);
  });

  test('should give the conflicts of the ledger their sender', () => {
    const facts = status({ counters: { appended: 1, duplicates: 0, conflicts: 9, expired: 0, late: 0 } });
    const findings = found(facts, refused({ kind: 'conflicts', count: 2, hasMoreSenders: true }));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.message).toMatch(/^9 records .* kept; last 20 s ago, first 3 h ago, from 10\.0\.0\.7 \(15\), others\.$/);
  });
});

describe('the diagnosis', () => {
  test('of a healthy collector should say so, with the age of the data', () => {
    expect(diagnose(status(), [sender()], NOW)).toEqual([
      { code: 'healthy', severity: 'ok', message: 'Telemetry is arriving; the last data is 20 s old.', remedy: '' },
    ]);
  });

  test('should call repeated deliveries healthy: they have no effect', () => {
    expect(codes(status({ counters: { appended: 1, duplicates: 9_999, conflicts: 0, expired: 0, late: 0 } }))).toEqual(['ok healthy']);
  });

  test.each<[string, Partial<LedgerStatus>, string]>([
    ['nothing ever arrived', { asOfMs: undefined }, 'critical no_telemetry'],
    ['a quiet night', { asOfMs: NOW - 14 * HOUR_MS }, 'info telemetry_stale'],
    ['four silent days', { asOfMs: NOW - 96 * HOUR_MS }, 'warning telemetry_stale'],
    ['conflicts', { counters: { appended: 1, duplicates: 0, conflicts: 2, expired: 0, late: 0 } }, 'warning conflicts'],
    ['records from before the horizon', { counters: { appended: 1, duplicates: 0, conflicts: 0, expired: 5, late: 0 } }, 'warning expired'],
    ['records that arrived late', { counters: { appended: 1, duplicates: 0, conflicts: 0, expired: 0, late: 5 } }, 'info late'],
    ['a record that came too late', { heldBack: 3 }, 'warning held_back'],
    ['a dimension that overflows', { overflow: { agent: 7 } }, 'warning dimension_overflow'],
  ])('should find %s', (_what, facts, code) => expect(codes(status(facts))).toContain(code));

  test.each<[string, Partial<Sender>[], string]>([
    ['a client that counts twice', [{ clientVersion: '1.0.60' }], 'warning client_cost_doubled'],
    ['a client that leaves requests out', [{ clientVersion: '2.0.76' }], 'warning client_fallback_unbilled'],
    ['a client that underprices', [{ clientVersion: '2.1.120' }], 'warning client_cache_1h_underpriced'],
    ['most sessions without a team', [{ team: '' }, {}], 'warning unallocated_team'],
    ['few sessions without a user', [{ user: '' }, { sessions: 99 }], 'info unallocated_user'],
  ])('should find %s', (_what, senders, code) => expect(codes(status(), senders.map(sender))).toContain(code));

  test('should find nothing wrong with the newest client, nor with one whose version is unknown', () => {
    expect(codes(status(), [sender(), sender({ clientVersion: '' }), sender({ clientVersion: 'dev' })])).toEqual(['ok healthy']);
  });

  test('should not miss the user of a job of CI, but its team', () => {
    expect(codes(status(), [sender({ user: '', job: 'ci:acme/api/nightly' })])).toEqual(['ok healthy']);
    expect(codes(status(), [sender({ user: '', team: '', job: 'ci:acme/api/nightly' })])).toEqual(['warning unallocated_team']);
  });

  test('should put the worst first and give every problem a remedy', () => {
    const findings = diagnose(
      status({ asOfMs: undefined, overflow: { agent: 7 } }),
      [sender({ team: '', sessions: 1 }), sender({ sessions: 50 })],
      NOW,
    );
    expect(findings.map((finding) => finding.severity)).toEqual(['critical', 'warning', 'info']);
    for (const finding of findings) expect(finding.remedy).not.toBe('');
  });
});
