/** The roll-ups: which sums the ledger keeps ready. One line here is one table, filled in the same transaction as the entries. */
import type { Grain } from '../ledger.ts';
import { DIMENSION_NAMES, type DimensionName } from '../measures.ts';

export interface Rollup {
  readonly table: string;
  /** 'session': one bucket for each session. */
  readonly grain: Grain | 'session';
  readonly dimensions: readonly DimensionName[];
}

const PERSON: readonly DimensionName[] = ['organisation', 'team', 'user', 'workspace', 'model'];
const TEAM: readonly DimensionName[] = ['organisation', 'team', 'workspace', 'model'];

/** The finest: all dimensions by quarter hour, which every zone's days are made of. The others can be rebuilt from it. */
export const FINEST: Rollup = { table: 'rollup_quarter_hour', grain: 'quarter_hour', dimensions: DIMENSION_NAMES };

/** In the order a query tries them: fewest rows first. */
export const COARSE: readonly Rollup[] = [
  { table: 'rollup_day_team', grain: 'day', dimensions: TEAM },
  { table: 'rollup_total_person', grain: 'total', dimensions: PERSON },
  { table: 'rollup_month_person', grain: 'month', dimensions: PERSON },
  { table: 'rollup_day_person', grain: 'day', dimensions: PERSON },
];

/** What is left of sessions whose entries were removed. While a session has entries, they are added up when somebody asks. */
export const REMOVED_SESSIONS: Rollup = { table: 'removed_sessions', grain: 'session', dimensions: ['model'] };

export const ROLLUPS: readonly Rollup[] = [FINEST, ...COARSE, REMOVED_SESSIONS];
