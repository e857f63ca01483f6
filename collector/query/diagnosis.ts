/** Judgment over the collector's facts: what is wrong, and how to mend it. `ledgerline doctor` and /api/v1/status show it. Pure. */

import { CLIENT_FAULTS, clientFaults } from '../catalog/client-faults.ts';
import { DIMENSIONS, isDimension } from '../catalog/measures.ts';
import { DAY_MS, describeAge, HOUR_MS } from '../core/duration.ts';
import type { Finding, Severity } from '../core/finding.ts';
import type { LedgerStatus } from '../ledger/ledger.ts';
import type { Sender } from '../ledger/sessions.ts';

/** The client exports every 5 s (events) and 60 s (metrics); a working day's pause is longer than a weekend's silence is strange. */
const STALE_MS = 3 * DAY_MS;
const QUIET_MS = 12 * HOUR_MS;
const NAMES_SHOWN = 5;

/** Everything worth saying, the worst first. Never empty: when nothing is wrong, one finding says so. `senders` are those of the last days, `more` what others found. */
export function diagnose(status: LedgerStatus, senders: readonly Sender[], nowMs: number, more: readonly Finding[] = []): readonly Finding[] {
  const findings = [...freshness(status, nowMs), ...counters(status), ...overflow(status), ...attribution(senders), ...clients(senders), ...more];
  const isWell = findings.every((finding) => finding.severity === 'info');
  const well: Finding = { code: 'healthy', severity: 'ok', message: `Telemetry is arriving; ${describeFreshness(status, nowMs)}.`, remedy: '' };
  return (isWell ? [well, ...findings] : findings).sort((a, b) => RANK[b.severity] - RANK[a.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { critical: 3, warning: 2, ok: 1, info: 0 };

const describeFreshness = (status: LedgerStatus, nowMs: number): string =>
  status.asOfMs === undefined ? 'nothing has been booked yet' : `the last data is ${describeAge(nowMs - status.asOfMs)} old`;

function freshness(status: LedgerStatus, nowMs: number): readonly Finding[] {
  if (status.asOfMs === undefined) {
    return [
      {
        code: 'no_telemetry',
        severity: 'critical',
        message: 'No telemetry has arrived yet.',
        remedy:
          'Set CLAUDE_CODE_ENABLE_TELEMETRY=1, OTEL_METRICS_EXPORTER=otlp, OTEL_LOGS_EXPORTER=otlp and OTEL_EXPORTER_OTLP_ENDPOINT to this collector in the env block of the Claude Code settings, then start a session.',
      },
    ];
  }
  const age = nowMs - status.asOfMs;
  if (age < QUIET_MS) return [];
  return [
    {
      code: 'telemetry_stale',
      severity: age < STALE_MS ? 'info' : 'warning',
      message: `The last data is ${describeAge(age)} old.`,
      remedy: 'If users are active, check that their clients reach the OTLP ports and that the endpoint in their settings is this collector.',
    },
  ];
}

function counters({ counters: { conflicts, expired } }: LedgerStatus): readonly Finding[] {
  const findings: Finding[] = [];
  if (conflicts > 0) {
    findings.push({
      code: 'conflicts',
      severity: 'warning',
      message: `${conflicts} records were received again with different content; the first version was kept.`,
      remedy: 'Something between client and collector changes records. Send to the collector directly, or remove processors that edit attributes.',
    });
  }
  if (expired > 0) {
    findings.push({
      code: 'expired',
      severity: 'warning',
      message: `${expired} records were older than the retention of entries and were not booked.`,
      remedy: 'Raise retention.entries_days in ledgerline.yaml, or check the clocks of the senders.',
    });
  }
  return findings;
}

function overflow(status: LedgerStatus): readonly Finding[] {
  return Object.entries(status.overflow).flatMap(([name, count]): Finding[] => {
    if (!isDimension(name) || !count) return [];
    return [
      {
        code: 'dimension_overflow',
        severity: 'warning',
        message: `${name} has more than ${DIMENSIONS[name].valuesMax} values; ${count} more are booked under "(other)".`,
        remedy: `Check what the clients send as ${name}: it must not be the id of a run or a session.`,
      },
    ];
  });
}

/** Cost without an owner is the complaint that every spend report ends in, so it is said before anyone asks. */
function attribution(senders: readonly Sender[]): readonly Finding[] {
  const sessions = senders.reduce((sum, sender) => sum + sender.sessions, 0);
  const share = (key: 'user' | 'team'): number =>
    sessions === 0 ? 0 : senders.filter((sender) => sender[key] === '').reduce((sum, sender) => sum + sender.sessions, 0) / sessions;
  const findings: Finding[] = [];
  if (share('user') > 0)
    findings.push(unowned('user', share('user'), 'Log in to Claude Code, give each user a token, or set OTEL_RESOURCE_ATTRIBUTES=enduser.id=… .'));
  if (share('team') > 0) {
    findings.push(
      unowned('team', share('team'), 'Name the team in attribution.directory_file, in the token, or with OTEL_RESOURCE_ATTRIBUTES=team.id=… .'),
    );
  }
  return findings;
}

const unowned = (dimension: 'user' | 'team', share: number, remedy: string): Finding => ({
  code: `unallocated_${dimension}`,
  severity: share > 0.2 ? 'warning' : 'info',
  message: `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} % of the recent sessions have no known ${dimension}.`,
  remedy,
});

function clients(senders: readonly Sender[]): readonly Finding[] {
  const versions = [...new Set(senders.map((sender) => sender.clientVersion))];
  return CLIENT_FAULTS.flatMap((fault): Finding[] => {
    const concerned = versions.filter((version) => clientFaults(version).includes(fault));
    if (concerned.length === 0) return [];
    const names = concerned.slice(0, NAMES_SHOWN).join(', ') + (concerned.length > NAMES_SHOWN ? ', …' : '');
    const { code, severity, words } = fault;
    return [{ code, severity, message: `Claude Code ${names}: these versions ${words}.`, remedy: 'Update Claude Code there.' }];
  });
}
