/** A table of figures in the time range beside the one as long before, and the change between them: every row, without a rest. */
import { figureWords } from '../../collector/catalog/figure-titles.ts';
import { figureUnit } from '../../collector/catalog/figures.ts';
import { isMeasure } from '../../collector/catalog/measures.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { AS_LONG_BEFORE, RANGE_START } from './cumulative-targets.ts';
import { requireSource } from './ledger-amounts.ts';
import type { Source } from './sources.ts';
import type { Surroundings } from './surroundings.ts';
import type { Target } from './target.ts';

/** Now, when the range began, and when the one before began. */
const NOW = '';
const THEN = ' offset $__range';
const BEFORE = ` @ ${RANGE_START} offset $__range`;

export function changeTargets(panel: Panel, query: LedgerQuery, surroundings: Surroundings): Target[] {
  return query.figures.flatMap((figure): Target[] => {
    if (!isMeasure(figure)) throw new Error(`Panel ${panel.id}: only sums of one measure are compared with the previous period, not ${figure}.`);
    const asked = { ...surroundings, panelId: panel.id, by: query.by, where: query.where ?? [], window: query.window };
    const source = requireSource(asked, [figure]);
    const labels = query.by.map(source.label);
    const words = figureWords(figure);
    const target = { labels, unit: figureUnit(figure), legend: words, isAdditive: true as const };
    const column = (key: string, title: string, parts: readonly Part[], since: string): Target => ({
      ...target,
      key,
      title,
      expr: sums(source, labels, parts, since),
    });
    return [
      column(figure, words, [part(NOW, ''), part(THEN, '-')], THEN),
      column(`${figure} previous_range`, `${words}, ${AS_LONG_BEFORE.toLowerCase()}`, [part(THEN, ''), part(BEFORE, '-')], BEFORE),
      column(`${figure} change`, 'Change', [part(NOW, ''), part(THEN, '-2 * '), part(BEFORE, '')], BEFORE),
    ];
  });
}

interface Part {
  readonly at: string;
  readonly times: string;
}
const part = (at: string, times: string): Part => ({ at, times });

/**
 * Totals of several instants in one sum: apart by a label, so that what was not there at one of them counts as zero; and no figure where not
 * everything was scraped when the earliest of them was.
 */
function sums(source: Source, by: readonly string[], parts: readonly Part[], since: string): string {
  const vectors = parts.map(({ at, times }, index) => {
    const vector = `${times}${source.selected}${at}`;
    return index === 0 ? vector : `label_replace(${vector}, "at", "${index}", "", "")`;
  });
  return `sum by (${by.join(', ')}) (${vectors.join(' or ')}) and on () ${source.complete}${since}`;
}
