/** What is said beside a panel's figures: why there is nothing to compare with, or nothing at all. Pure. */

import type { Panel } from '../../catalog/panel.ts';
import type { BoardAnswers } from './board-answers.ts';
import { coverageNote } from './compared.ts';
import type { PanelData } from './panel-data.ts';

type Remarks = Pick<PanelData, 'empty' | 'filtered' | 'note'>;

export function withRemarks(panel: Panel, data: PanelData, answers: BoardAnswers): PanelData {
  const note = coverageNote(panel, answers);
  return { ...data, ...(isNothing(data) && noBudget(panel, answers)), ...(note !== undefined && { note }) };
}

const isNothing = ({ bars, table, series }: PanelData): boolean => [bars?.rows, table?.rows, series?.series].some((drawn) => drawn?.length === 0);

/** What every budget has: without any of these there is no budget here. */
const OF_EVERY_BUDGET = /^budget_(limit|spent|remaining|used_ratio|period_start|period_end)$/;

/** That filters hide all budgets is something else than that there is none. */
function noBudget({ query }: Panel, { asked, hasBudgets }: BoardAnswers): Remarks {
  if (query.source !== 'gauge' || !query.gauges.some((name) => OF_EVERY_BUDGET.test(name))) return {};
  if (!hasBudgets) return { empty: 'No budget is configured; see docs/budgets.md.' };
  return asked.where.length > 0
    ? { empty: 'No budget matches the filters.', filtered: true }
    : { empty: 'No budget is configured for what this panel shows.' };
}
