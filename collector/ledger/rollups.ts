/** The roll-ups: which sums the ledger keeps ready. One line here is one table. */

import { DIMENSION_NAMES, type DimensionName, OF_ONE_RUN } from '../catalog/measures.ts';
import type { Grain } from '../core/calendar.ts';

export interface Rollup {
  readonly table: string;
  /** 'session': one bucket for each session. */
  readonly grain: Grain | 'session';
  readonly dimensions: readonly DimensionName[];
}

/** By these together a board can be narrowed. The repository mostly follows from the workspace, and a job has no user, so both add few rows. */
const PERSON: readonly DimensionName[] = ['organization', 'team', 'user', 'workspace', 'repository', 'job', 'model'];
const TEAM: readonly DimensionName[] = ['organization', 'team', 'workspace', 'repository', 'job', 'model'];
/** For the runs of a job, and branches: with the users they would be as many rows as the days of each. */
const RUN: readonly DimensionName[] = [...TEAM, ...OF_ONE_RUN];
const MODEL: readonly DimensionName[] = ['organization', 'team', 'model'];
/** For the reported, list and contracted cost beside what the provider bills. */
const PRICE: readonly DimensionName[] = [...MODEL, 'workspace', 'provider', 'region', 'plan', 'seat', 'origin', 'price_basis'];
const OF_ONE_PLACE: readonly DimensionName[] = ['user', 'workspace', 'repository', ...OF_ONE_RUN];
/** All that is not about one person, place or run: tools, skills, versions, errors and the like, for whole teams. */
const FEATURE: readonly DimensionName[] = DIMENSION_NAMES.filter((name) => !OF_ONE_PLACE.includes(name));

/** The finest: all dimensions by quarter hour, which every zone's days are made of. Filled with every export; the others can be rebuilt from it. */
export const FINEST: Rollup = { table: 'rollup_quarter_hour', grain: 'quarter_hour', dimensions: DIMENSION_NAMES };

/** Of whole months. */
export const MONTHS: Rollup = { table: 'rollup_month_person', grain: 'month', dimensions: PERSON };

/**
 * In the order a query tries them: fewest rows first. Filled from the finest once a quarter of an hour is over, instead of with every export:
 * one addition where there would have been dozens. What is not in them yet is read from the finest, so that answers are exact at any instant.
 */
export const COARSE: readonly Rollup[] = [
  { table: 'rollup_day_team', grain: 'day', dimensions: TEAM },
  { table: 'rollup_total_person', grain: 'total', dimensions: PERSON },
  MONTHS,
  { table: 'rollup_day_person', grain: 'day', dimensions: PERSON },
  { table: 'rollup_day_run', grain: 'day', dimensions: RUN },
  { table: 'rollup_day_price', grain: 'day', dimensions: PRICE },
  { table: 'rollup_total_feature', grain: 'total', dimensions: FEATURE },
  { table: 'rollup_day_feature', grain: 'day', dimensions: FEATURE },
  { table: 'rollup_hour_model', grain: 'hour', dimensions: MODEL },
];

/** What is left of sessions whose entries were removed, of old ones by model alone. While a session has entries, they are added up when somebody asks. */
export const REMOVED_SESSIONS: Rollup = { table: 'removed_sessions', grain: 'session', dimensions: PERSON };

export const ROLLUPS: readonly Rollup[] = [FINEST, ...COARSE, REMOVED_SESSIONS];
