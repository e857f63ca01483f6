/** Rows that questions select by the same names in every store, as answers. Numbers come as BigInts or as text. */
import { MINUTE_MS } from '../core/duration.ts';
import type { ApiRequest } from '../ledger/api-requests.ts';
import type { MinuteRate, Person, SequenceGaps } from '../ledger/ledger.ts';
import type { AppliedRepricing } from '../ledger/repricing-record.ts';
import type { Sender, SessionSummary } from '../ledger/sessions.ts';
import type { SessionCost } from '../ledger/tables.ts';

type Row = Readonly<Record<string, unknown>>;

/** Of a session with its last dimensions: as if it had been in one place. */
export const summaryOf = (row: Row, { cost, costBySource }: Readonly<SessionCost>): SessionSummary => ({
  sessionId: String(row.session_id),
  firstSeenMs: Number(row.first_ms),
  lastSeenMs: Number(row.last_ms),
  organization: String(row.organization),
  team: String(row.team),
  user: String(row.user),
  workspace: String(row.workspace),
  repository: String(row.repository),
  clientVersion: String(row.client_version),
  terminal: String(row.terminal),
  cost,
  shares: [],
  costBySource,
});

export const senderOf = (row: Row): Sender => ({
  user: String(row.user),
  team: String(row.team),
  job: String(row.job),
  clientVersion: String(row.client_version),
  sessions: Number(row.sessions),
  lastSeenMs: Number(row.last_ms),
});

export const minuteRateOf = (row: Row): MinuteRate => ({
  startMs: Number(row.minute) * MINUTE_MS,
  organization: String(row.organization),
  team: String(row.team),
  requests: Number(row.requests),
  tokens: Number(row.tokens),
});

export const personOf = (row: Row): Person => ({
  organization: String(row.organization),
  team: String(row.team),
  user: String(row.user),
  firstSeenMs: Number(row.first_minute) * MINUTE_MS,
  lastSeenMs: Number(row.last_minute) * MINUTE_MS,
});

export const gapsOf = (row: Row): SequenceGaps => ({
  organization: String(row.organization),
  team: String(row.team),
  user: String(row.user),
  clientVersion: String(row.client_version),
  sessions: Number(row.sessions),
  events: Number(row.events),
  missing: Number(row.missing),
});

/** `asked` and `outcome` are JSON that a store wrote; an outcome is missing while one runs. */
export const repricingOf = (row: Row): AppliedRepricing => ({
  id: Number(row.id),
  startedMs: Number(row.started_ms),
  who: String(row.who),
  book: String(row.book),
  asked: JSON.parse(String(row.asked)) as AppliedRepricing['asked'],
  endedMs: row.ended_ms === null ? undefined : Number(row.ended_ms),
  outcome: row.outcome === null ? undefined : (JSON.parse(String(row.outcome)) as AppliedRepricing['outcome']),
});

export const apiRequestOf = (row: Row): Omit<ApiRequest, 'timeMs'> => ({
  request: String(row.request),
  organization: String(row.organization),
  workspace: String(row.workspace),
  model: String(row.model),
  tokens: {
    input: Number(row.input),
    output: Number(row.output),
    cacheRead: Number(row.cache_read),
    cacheCreation5m: Number(row.cache_creation_5m),
    cacheCreation1h: Number(row.cache_creation_1h),
  },
  listCost: row.list_cost === null ? undefined : BigInt(String(row.list_cost)),
});
