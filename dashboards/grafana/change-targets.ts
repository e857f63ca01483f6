/** A table of figures in the time range beside the one as long before, and the change between them: every row, without a rest. */
import { figureWords } from '../../collector/catalog/figure-titles.ts';
import { figureUnit } from '../../collector/catalog/figures.ts';
import { isMeasure } from '../../collector/catalog/measures.ts';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { windowTitle } from '../../collector/catalog/titles.ts';
import { RANGE_START } from './cumulative-targets.ts';
import { wasComplete } from './readings.ts';
import { type Families, type Source, sourcesOf } from './sources.ts';
import { NotExposed, type Target } from './target.ts';

/** Now, when the range began, and when the one before began. */
const NOW = '';
const THEN = ' offset $__range';
const BEFORE = ` @ ${RANGE_START} offset $__range`;

export function changeTargets(panel: Panel, query: LedgerQuery, families: Families): Target[] {
  return query.figures.flatMap((figure): Target[] => {
    if (!isMeasure(figure)) throw new Error(`Panel ${panel.id}: only sums of one measure are compared with the previous period, not ${figure}.`);
    const [source] = sourcesOf({ measures: [figure], by: query.by, where: query.where ?? [] }, families);
    if (source === undefined) throw new NotExposed(`Panel ${panel.id}: /metrics has no series of ${figure} by ${query.by.join(', ')}.`);
    const words = figureWords(figure);
    const target = { unit: figureUnit(figure), legend: words };
    const column = (key: string, title: string, parts: readonly Part[], since: string): Target => ({
      ...target,
      key,
      title,
      expr: sums(source, query.by, parts, since),
    });
    return [
      column(figure, words, [part(NOW, ''), part(THEN, '-')], THEN),
      column(`${figure} previous_range`, `${words} ${windowTitle('previous_range')}`, [part(THEN, ''), part(BEFORE, '-')], BEFORE),
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
    const vector = `${times}${source.vector((selector) => `${selector}${at}`)}`;
    return index === 0 ? vector : `label_replace(${vector}, "at", "${index}", "", "")`;
  });
  return `sum by (${by.join(', ')}) (${vectors.join(' or ')}) and on () ${wasComplete((selector) => `${selector}${since}`)}`;
}
