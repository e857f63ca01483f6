import { describe, expect, test } from '@jest/globals';
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
  overflow: {},
  ...overrides,
});
const sender = (overrides: Partial<Sender> = {}): Sender => ({
  user: 'alice@example.com',
  team: 'platform',
  clientVersion: '2.1.329',
  sessions: 1,
  lastSeenMs: NOW,
  ...overrides,
});
const codes = (facts: LedgerStatus, senders: readonly Sender[] = [sender()]): string[] =>
  diagnose(facts, senders, NOW).map((finding) => `${finding.severity} ${finding.code}`);

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
