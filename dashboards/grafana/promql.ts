/** A panel's query as PromQL. */
import type { Panel } from '../../collector/catalog/panel.ts';
import { changeTargets } from './change-targets.ts';
import { cumulativeTargets } from './cumulative-targets.ts';
import { gaugeTargets } from './gauge-targets.ts';
import { ledgerTargets } from './ledger-targets.ts';
import { selfTargets } from './self-targets.ts';
import { ALL_FAMILIES, type Families } from './sources.ts';
import type { Target } from './target.ts';

/**
 * One target for each figure or gauge, one more for the rest of a `top`, two more for each figure that is compared. None for panels of words.
 * `families` says what /metrics exposes. Throws NotExposed for what it cannot answer.
 */
export function panelTargets(panel: Panel, families: Families = ALL_FAMILIES): Target[] {
  const { query, visualization } = panel;
  if (visualization === 'text') return [];
  if (visualization === 'cumulative' && query.source === 'ledger') return cumulativeTargets(panel, query, families);
  if (query.source === 'ledger' && query.versus === 'previous_range') return changeTargets(panel, query, families);
  if (query.source === 'ledger') return ledgerTargets(panel, query, families);
  return query.source === 'gauge' ? gaugeTargets(panel, query) : selfTargets(panel, query);
}
