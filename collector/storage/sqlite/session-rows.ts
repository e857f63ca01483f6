/** Rows of sessions, and which of them are inside: SQL that lists and single sessions have in common. */
import type { SQLInputValue } from 'node:sqlite';
import type { Filter } from '../../catalog/values.ts';
import { inSmallLetters, needleOf } from '../../ledger/session-search.ts';
import type { SessionSummary, SessionsQuery } from '../../ledger/sessions.ts';
import { summaryOf as answerOf } from '../answer-rows.ts';
import { costOf } from './session-places.ts';
import { isFoundAt } from './session-search.ts';
import { COST_COLUMNS } from './sessions.ts';

/** Of sessions s with their last dims d. */
export const SUMMARY = `SELECT s.session_id, s.first_identity, s.first_ms, s.last_ms, d.organization, d.team, d.user, d.workspace, d.repository, d.client_version,
  d.terminal, s.id, s.is_shared, s.is_dashboard, s.held_back_entries, ${COST_COLUMNS.map((name) => `s.${name}`).join()}
  FROM sessions s JOIN dims d ON d.id = s.last_dims`;

/** The largest first, then the one seen last. */
export const BY_COST = 's.cost_high DESC, s.cost DESC, s.last_ms DESC, s.session_id';

export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SQLInputValue[];
}

export const EVERYTHING: Condition = { sql: 'TRUE', parameters: [] };

export const all = (...conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' AND ') || 'TRUE',
  parameters: conditions.flatMap(({ parameters }) => parameters),
});

/** Of a place: it has one of the values of each filter. */
export const valuesOf = (within: readonly Filter[], place: string): Condition => ({
  sql: within.map(({ dimension, values }) => `${place}.${dimension} IN (${values.map(() => '?').join()})`).join(' AND ') || 'TRUE',
  parameters: within.flatMap(({ values }) => values),
});

/** Of sessions s with their last dims d: any of their places is inside, and is what is looked for. */
export function insideOf({ where = [], within = [], search = '' }: Pick<SessionsQuery, 'where' | 'within' | 'search'>): Condition {
  const filters = [...within, ...where];
  const needle = needleOf(search);
  if (filters.length === 0 && needle === '') return EVERYTHING;
  const at = (place: string): Condition =>
    all(valuesOf(filters, place), ...(needle === '' ? [] : [{ sql: isFoundAt(place), parameters: [needle, needle, inSmallLetters(needle)] }]));
  const [last, any] = [at('d'), at('p')];
  return {
    sql: `(s.is_shared = 0 AND ${last.sql} OR s.is_shared = 1
      AND EXISTS (SELECT 1 FROM session_places o JOIN dims p ON p.id = o.dims WHERE o.session = s.id AND ${any.sql}))`,
    parameters: [...last.parameters, ...any.parameters],
  };
}

/** Of a row of SUMMARY, read with BigInts. */
export const summaryOf = (row: Record<string, unknown>): SessionSummary => answerOf(row, costOf(row));
