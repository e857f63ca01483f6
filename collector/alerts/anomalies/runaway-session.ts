/** A session that runs away: under way now, and far more expensive than sessions of the same user, or of all, ever are. */

import { shownSessionId } from '../../catalog/session-ids.ts';
import { showValue } from '../../catalog/values.ts';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import { displayUsd, formatUsd } from '../../core/money.ts';
import type { SessionSummary } from '../../ledger/sessions.ts';
import type { Anomaly, Finding } from './anomaly.ts';
import { median, quantile, times } from './robust-statistics.ts';

const ACTIVE_MS = HOUR_MS;
const PAST_MS = 28 * DAY_MS;
const SUSPECTS_MAX = 50;
const SAMPLE_MAX = 500;
/** Fewer sessions of a user say little about what is usual. */
const OWN_MIN = 20;
/** So many times what 19 of 20 sessions cost at most. */
const TIMES_MIN = 3n;
const TIMES_CRITICAL = 8n;

export async function findRunawaySessions({ reader, nowMs, limits }: Finding): Promise<Anomaly[]> {
  const active = await reader.sessions({ fromMs: nowMs - ACTIVE_MS, limit: SUSPECTS_MAX, order: 'cost' });
  const suspects = active.filter(({ cost }) => cost >= limits.session);
  if (suspects.length === 0) return [];
  const past = { fromMs: nowMs - PAST_MS, toMs: nowMs - ACTIVE_MS, limit: SAMPLE_MAX };
  const everybody = (await reader.sessions(past)).map(({ cost }) => cost);
  const anomalies: Anomaly[] = [];
  for (const session of suspects) {
    const own = (await reader.sessions({ ...past, where: [{ dimension: 'user', values: [session.user] }] })).map(({ cost }) => cost);
    anomalies.push(...judge(session, own, everybody));
  }
  return anomalies;
}

function judge(session: SessionSummary, own: readonly bigint[], everybody: readonly bigint[]): Anomaly[] {
  const isOwn = own.length >= OWN_MIN;
  const sample = isOwn ? own : everybody;
  const [usual, high] = [median(sample), quantile(sample, 0.95)];
  if (sample.length < OWN_MIN || session.cost < TIMES_MIN * high) return [];
  const hours = Math.max(0.1, (session.lastSeenMs - session.firstSeenMs) / HOUR_MS);
  const compared = isOwn ? `of ${showValue('user', session.user)}` : 'of all users';
  return [
    {
      kind: 'runaway_session',
      scope: { dimension: 'session', value: session.sessionId },
      severity: session.cost >= TIMES_CRITICAL * high ? 'critical' : 'warning',
      atMs: session.firstSeenMs,
      words: `Session ${shownSessionId(session.sessionId)} of ${showValue('user', session.user)} in ${showValue('workspace', session.workspace)} has cost ${displayUsd(session.cost)} in ${hours.toFixed(1)} h and is still active. Of ${sample.length} sessions ${compared}, the median cost is ${displayUsd(usual)} and the 95th percentile ${displayUsd(high)}.`,
      figures: {
        ...{ cost_usd: formatUsd(session.cost), usual_usd: formatUsd(usual), high_usd: formatUsd(high), times: times(session.cost, high) },
        ...{ hours: Number(hours.toFixed(1)), user: session.user, team: session.team, compared_sessions: sample.length },
      },
    },
  ];
}
