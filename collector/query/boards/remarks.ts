/** What is said beside a panel's figures: why there is nothing to compare with, or nothing at all. Pure. */

import { unpricedOf } from '../../catalog/figure-values.ts';
import type { Panel } from '../../catalog/panel.ts';
import type { BoardAnswers } from './board-answers.ts';
import { coverageNote } from './compared.ts';
import type { PanelData } from './panel-data.ts';
import { questionOf } from './questions.ts';

type Remarks = Pick<PanelData, 'empty' | 'filtered' | 'note'>;

export function withRemarks(panel: Panel, data: PanelData, answers: BoardAnswers): PanelData {
  const note = coverageNote(panel, answers) ?? unpricedNote(panel, answers);
  return { ...data, ...(isNothing(data) && noBudget(panel, answers)), ...(note !== undefined && { note }) };
}

/** Tokens of models without a price are in no amount at list price. */
function unpricedNote({ query, visualization }: Panel, answers: BoardAnswers): string | undefined {
  if (query.source !== 'ledger' || visualization === 'timeseries' || visualization === 'lines' || visualization === 'cumulative') return undefined;
  const question = questionOf(query, answers.asked.timeRangeOf(query.window));
  const places = query.figures.flatMap((name) => unpricedOf(name) ?? []).map((measure) => question.measures.indexOf(measure));
  if (places.length === 0) return undefined;
  const { totals } = answers.ledger(question);
  return places.some((place) => (totals[place] ?? 0n) > 0n) ? 'Models without a list price are not in the cache savings.' : undefined;
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
