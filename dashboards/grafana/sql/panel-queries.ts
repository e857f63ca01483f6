/** A panel's query as SQL. */
import type { Panel } from '../../../collector/catalog/panel.ts';
import { changeQuery } from './change-query.ts';
import { cumulativeQueries } from './cumulative-queries.ts';
import { gaugeQuery } from './gauge-queries.ts';
import { ledgerQuery } from './ledger-queries.ts';
import type { SqlQuery } from './query.ts';
import { selfQuery } from './self-queries.ts';
import type { Variables } from './surroundings.ts';

/** One for each panel; of cumulative spend one for each of its lines. None for panels of words. */
export function panelQueries(panel: Panel, variables: Variables): SqlQuery[] {
  const { query, visualization } = panel;
  if (visualization === 'text') return [];
  if (query.source === 'self') return [selfQuery(panel, query)];
  if (query.source === 'gauge') return [gaugeQuery(panel, query, variables)];
  if (visualization === 'cumulative') return cumulativeQueries(panel, query, variables);
  return [query.versus === 'previous_range' ? changeQuery(panel, query, variables) : ledgerQuery(panel, query, variables)];
}
