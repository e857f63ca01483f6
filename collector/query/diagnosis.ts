/** Judgment over the collector's facts: what is wrong, and how to mend it. `ledgerline doctor` and /api/v1/status show it. Pure. */

import { CLIENT_FAULTS, clientFaults } from '../catalog/client-faults.ts';
import { isDimension } from '../catalog/measures.ts';
import { type RefusalTotal, remedyOf } from '../catalog/refusals.ts';
import { DAY_MS, describeAge, HOUR_MS } from '../core/duration.ts';
import type { Finding, Severity } from '../core/finding.ts';
import { LATE_MS, type LedgerStatus } from '../ledger/ledger.ts';
import type { Sender } from '../ledger/sessions.ts';
import { isAttempt, isLoss, lastOf, nothingBooked, refusalFindings, SEE_BELOW } from './refusal-findings.ts';

/** The client exports every 5 s (events) and 60 s (metrics); a working day's pause is longer than a weekend's silence is strange. */
const STALE_MS = 3 * DAY_MS;
const QUIET_MS = 12 * HOUR_MS;
const NAMES_SHOWN = 5;

/** What is known beside the ledger. */
export interface Beside {
  readonly refusals?: readonly RefusalTotal[];
  /** What others found. */
  readonly more?: readonly Finding[];
}

/** Everything worth saying, the worst first. Never empty: when nothing is wrong, one finding says so. `senders` are those of the last days. */
export function diagnose(
  status: LedgerStatus,
  senders: readonly Sender[],
  nowMs: number,
  { refusals = [], more = [] }: Beside = {},
): readonly Finding[] {
  const findings = [
    ...freshness(status, nowMs, refusals),
    ...refusalFindings(refusals, nowMs),
    ...counters(status, refusals, nowMs),
    ...heldBack(status, refusals, nowMs),
    ...overflow(status, refusals, nowMs),
    ...attribution(senders),
    ...clients(senders),
    ...more,
  ];
  const isWell = findings.every((finding) => finding.severity === 'info');
  const well: Finding = { code: 'healthy', severity: 'ok', message: `Telemetry is arriving; ${describeFreshness(status, nowMs)}.`, remedy: '' };
  return (isWell ? [well, ...findings] : findings).sort((a, b) => RANK[b.severity] - RANK[a.severity]);
}

const RANK: Readonly<Record<Severity, number>> = { critical: 3, warning: 2, ok: 1, info: 0 };

const describeFreshness = (status: LedgerStatus, nowMs: number): string =>
  status.asOfMs === undefined ? 'nothing has been booked yet' : `the last data is ${describeAge(nowMs - status.asOfMs)} old`;

function freshness(status: LedgerStatus, nowMs: number, refusals: readonly RefusalTotal[]): readonly Finding[] {
  const attempts = refusals.filter(isAttempt);
  if (status.asOfMs === undefined && attempts.length > 0) return [nothingBooked(attempts, nowMs)];
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
  const since = refusals.filter((refusal) => refusal.lastMs > nowMs - QUIET_MS && isLoss(refusal));
  if (since.length > 0) {
    const message = `The last data is ${describeAge(age)} old; what has arrived in the last ${describeAge(QUIET_MS)} was refused.`;
    return [{ code: 'telemetry_stale', severity: 'warning', message, remedy: SEE_BELOW }];
  }
  return [
    {
      code: 'telemetry_stale',
      severity: age < STALE_MS ? 'info' : 'warning',
      message: `The last data is ${describeAge(age)} old.`,
      remedy: 'If users are active, check that their clients reach the OTLP ports and that the endpoint in their settings is this collector.',
    },
  ];
}

function counters({ counters: { conflicts, expired, late } }: LedgerStatus, refusals: readonly RefusalTotal[], nowMs: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (conflicts > 0) {
    findings.push({
      code: 'conflicts',
      severity: 'warning',
      message: `${conflicts} records were received again with different content; the first version was kept${lastOf('conflicts', refusals, nowMs)}.`,
      remedy: 'Something between client and collector changes records. Send to the collector directly, or remove processors that edit attributes.',
    });
  }
  if (expired > 0) {
    findings.push({
      code: 'expired',
      severity: 'warning',
      message: `${expired} records were older than the retention of entries and were not booked${lastOf('expired', refusals, nowMs)}.`,
      remedy: 'Raise retention.entries_days in ledgerline.yaml, or check the clocks of the senders.',
    });
  }
  if (late > 0) {
    findings.push({
      code: 'late',
      severity: 'info',
      message: `${late} records arrived more than ${describeAge(LATE_MS)} after their time and were booked at it, so past figures have grown.`,
      remedy: 'Laptops that were asleep do this; otherwise check queues between client and collector, and the clocks of the senders.',
    });
  }
  return findings;
}

function heldBack({ heldBack: count }: LedgerStatus, refusals: readonly RefusalTotal[], nowMs: number): readonly Finding[] {
  if (count === 0) return [];
  const message = `${count} records came so late into so long a session that it was not booked again for them; their cost is held back${lastOf('held_back', refusals, nowMs)}.`;
  return [{ code: 'held_back', severity: 'warning', message, remedy: remedyOf({ kind: 'held_back', detail: '' }) }];
}

function overflow(status: LedgerStatus, refusals: readonly RefusalTotal[], nowMs: number): readonly Finding[] {
  return Object.entries(status.overflow).flatMap(([name, count]): Finding[] => {
    if (!isDimension(name) || !count) return [];
    return [
      {
        code: 'dimension_overflow',
        severity: 'warning',
        message: `${name} has more new values than limits.values.${name} and limits.new_values_per_hour keep apart; ${count} were booked under "(other)"${lastOf('new_values', refusals, nowMs)}.`,
        remedy: `Check what the clients send as ${name}: it must not be the id of a run or a session. Values that are not seen for 30 days make room; raise the limits where so many are real, or name them in attribution.directory_file.`,
      },
    ];
  });
}

/** Cost without an owner is the complaint that every spend report ends in, so it is said before anyone asks. A job of CI is its own. */
function attribution(senders: readonly Sender[]): readonly Finding[] {
  const sessions = senders.reduce((sum, sender) => sum + sender.sessions, 0);
  const share = (key: 'user' | 'team'): number =>
    sessions === 0
      ? 0
      : senders.filter((sender) => sender[key] === '' && (key === 'team' || sender.job === '')).reduce((sum, sender) => sum + sender.sessions, 0) /
        sessions;
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
