/** A panel's query as PromQL. */
import type { Panel } from '../../collector/catalog/panel.ts';
import { changeTargets } from './change-targets.ts';
import { cumulativeTargets } from './cumulative-targets.ts';
import { forecastTargets } from './forecast-targets.ts';
import { gaugeTargets } from './gauge-targets.ts';
import { ledgerTargets } from './ledger-targets.ts';
import { selfTargets } from './self-targets.ts';
import type { Surroundings } from './surroundings.ts';
import type { Target } from './target.ts';

/**
 * One target for each figure or gauge, one more for the rest of a `top`, two more for each figure that is compared. None for panels of words.
 * Throws NotExposed for what /metrics cannot answer.
 */
export function panelTargets(panel: Panel, surroundings: Surroundings): Target[] {
  const { query, visualization } = panel;
  if (visualization === 'text') return [];
  if (visualization === 'cumulative' && query.source === 'ledger')
    return [...cumulativeTargets(panel, query, surroundings), ...forecastTargets(panel, surroundings)];
  if (query.source === 'ledger' && query.versus === 'previous_range') return changeTargets(panel, query, surroundings);
  if (query.source === 'ledger') return ledgerTargets(panel, query, surroundings);
  return query.source === 'gauge' ? gaugeTargets(panel, query, surroundings) : selfTargets(panel, query);
}
