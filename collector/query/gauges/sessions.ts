/** The sessions that stand out this month, and what the client's background work costs in each. */

import type { GaugeName } from '../../catalog/gauges.ts';
import { shownSessionId } from '../../catalog/session-ids.ts';
import { showValue } from '../../catalog/values.ts';
import { MINUTE_MS } from '../../core/duration.ts';
import { parseUsd, toFloatUsd } from '../../core/money.ts';
import { periodAround } from '../../core/time-range.ts';
import { isSessionFilter, type SessionOrder, type SessionSummary } from '../../ledger/sessions.ts';
import { type GaugeContext, type GaugeReading, type GaugeSample, largestOfEach, shownLabels } from './gauge.ts';
import { selectionsOf } from './selections.ts';

const SESSIONS_SHOWN = 25;
const OWNER = ['organization', 'team', 'user', 'workspace'] as const;
/** As many as the ledger keeps apart of teams in organizations. */
const TEAMS_MAX = 10_000_000;

/** A session has one owner, but many models: it cannot be narrowed by those. */
async function topSessions(
  { reader, calendar, nowMs, where }: GaugeContext,
  order: SessionOrder,
  amountOf: (session: SessionSummary) => number,
): Promise<GaugeSample[]> {
  if (!where.every(isSessionFilter)) return [];
  const { fromMs } = periodAround('month', nowMs, calendar);
  const sessions = await reader.sessions({ fromMs, limit: SESSIONS_SHOWN, order, where: where.filter(isSessionFilter) });
  const samples = sessions.map((session) => ({
    labels: [shownSessionId(session.sessionId), ...shownLabels(OWNER, session)],
    value: amountOf(session),
  }));
  return largestOfEach(samples);
}

/** By what they cost, in USD. */
export const SESSION_BANDS = ['<0.10', '0.10-1', '1-5', '5-20', '20+'] as const;
const EDGES = ['0.10', '1', '5', '20'].map((usd) => parseUsd(usd) ?? 0n);

/** Each band of an organization that has sessions, also the empty ones. */
async function sessionsByCost({ reader, calendar, nowMs, where }: GaugeContext): Promise<GaugeSample[]> {
  if (!where.every(isSessionFilter)) return [];
  const { fromMs } = periodAround('month', nowMs, calendar);
  const found = await reader.sessionBands({ fromMs, edges: EDGES, where: where.filter(isSessionFilter) });
  return [...Map.groupBy(found, ({ organization }) => organization)].flatMap(([organization, own]) =>
    SESSION_BANDS.map((band, index) => ({
      labels: [showValue('organization', organization), band],
      value: own.find((one) => one.band === index)?.sessions ?? 0,
    })),
  );
}

/** Over the sessions that began in the month, in which the client may have done nothing in the background. */
async function backgroundCost({ reader, calendar, nowMs, where }: GaugeContext): Promise<GaugeSample[]> {
  const question = {
    by: ['organization', 'team'],
    ...periodAround('month', nowMs, calendar),
    grain: 'total',
    timeZone: calendar.timeZone,
    rowsMax: TEAMS_MAX,
  } as const;
  const sessions = await reader.query({ ...question, measures: ['sessions'], where });
  const costs = await reader.query({ ...question, measures: ['cost'], where: [...where, { dimension: 'query_source', values: ['auxiliary'] }] });
  const amounts = [
    ...sessions.rows.map(({ key: [organization = '', team = ''], values: [count = 0n] }) => ({ organization, team, count, cost: 0n })),
    ...costs.rows.map(({ key: [organization = '', team = ''], values: [cost = 0n] }) => ({ organization, team, count: 0n, cost })),
  ];
  return selectionsOf(amounts).flatMap(({ labels, items }) => {
    const count = items.reduce((sum, item) => sum + item.count, 0n);
    const cost = items.reduce((sum, item) => sum + item.cost, 0n);
    return count === 0n ? [] : [{ labels, value: toFloatUsd(cost) / Number(count) }];
  });
}

export const SESSION_READINGS = {
  session_cost: {
    maxAgeMs: MINUTE_MS,
    read: (context) => topSessions(context, 'cost', ({ cost }) => toFloatUsd(cost)),
  },
  session_duration: {
    maxAgeMs: MINUTE_MS,
    read: (context) => topSessions(context, 'duration', ({ firstSeenMs, lastSeenMs }) => (lastSeenMs - firstSeenMs) / 1000),
  },
  sessions_by_cost: {
    maxAgeMs: 15 * MINUTE_MS,
    read: sessionsByCost,
  },
  background_cost_per_session: {
    maxAgeMs: 15 * MINUTE_MS,
    read: backgroundCost,
  },
} satisfies Partial<Record<GaugeName, GaugeReading>>;
