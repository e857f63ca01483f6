/**
 * Amounts as PromQL over lifetime totals, exact on money: what is true now, or now minus then. Never increase() or rate(), which
 * extrapolate, and lose what appears between two scrapes. Where the far end was not scraped there is no figure.
 */
import { SERIES } from '../../collector/catalog/names.ts';
import type { Source } from './sources.ts';
import { SCRAPED } from './variables.ts';

/** Rows of one source by these labels; without labels one row. */
export type Reading = (source: Source, by: readonly string[]) => string;

export const sumBy = (by: readonly string[], vector: string): string =>
  by.length === 0 ? `sum(${vector})` : `sum by (${by.join(', ')}) (${vector})`;

const plain = (selector: string): string => selector;

/** A total without any series is zero as long as the collector answers and the source has what was chosen, and no data otherwise. */
export const now: Reading = (source, by) => {
  const rows = sumBy(by, source.vector(plain));
  return by.length === 0 ? `(${rows} or max(${source.answers}) * 0)` : rows;
};

/**
 * Was everything that there was at that time scraped, under its own name? Only then is a missing series zero: one that was grouped into
 * "(other)" and no longer is would otherwise show everything since the beginning.
 */
export const wasComplete = (at: (selector: string) => string): string => `(${at(SCRAPED)} unless on () ${at(SERIES.droppedSeries)} > 0)`;

/** Now minus then. A series that did not exist then counts from zero, if all that existed was there; otherwise there is no figure. */
export const inRange: Reading = (source, by) => {
  const after = now(source, by);
  const then = (selector: string): string => `${selector} offset $__range`;
  return `(${after} - (${sumBy(by, source.vector(then))} or (${after} * 0 and on () ${wasComplete(then)})))`;
};

export const SECONDS = { '1h': 3_600, '1d': 86_400 } as const;
export type Step = keyof typeof SECONDS;

/** End of the chosen range, Unix seconds. Grafana begins and ends a panel over time at whole steps: end() is not the end. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
const RANGE_END = '${__to:date:seconds}';
const atRangeEnd = (selector: string): string => `${selector} @ ${RANGE_END}`;

/**
 * A value at the end of each step, shown at its beginning, so that a day's bar stands at the day's date. Of a step that is still going on
 * the newest value stands in. An end that lies in the past and was not scraped gives no value. `ahead`: how far ahead of its beginning a
 * step is read.
 */
export function atEndOf(step: Step, rows: (at: (selector: string) => string) => string, ahead: string = step): string {
  const end = rows((selector) => `${selector} offset -${ahead}`);
  const isGoingOn = `(vector(time()) > ${RANGE_END} - ${SECONDS[step]}) unless on () (${SCRAPED} offset -${step})`;
  return `(${end} or (${rows(atRangeEnd)} and on () (${isGoingOn})))`;
}

/** The bar at t is what was booked from t to t + step. */
export const perStep =
  (step: Step): Reading =>
  (source, by) => {
    const end = atEndOf(step, (at) => sumBy(by, source.vector(at)));
    return `(${end} - (${sumBy(by, source.vector(plain))} or (${end} * 0 and on () ${wasComplete(plain)})))`;
  };

/** What was booked in a whole range, the same at each of its steps: decides who is among the largest. */
export const wholeRange: Reading = (source, by) => {
  const end = sumBy(by, source.vector(atRangeEnd));
  const start = sumBy(
    by,
    source.vector((selector) => `${selector} @ start()`),
  );
  return `(${end} - (${start} or ${end} * 0))`;
};

/** The first source that has what was chosen answers. Rows by labels would otherwise be joined by rows of the next source. */
export function firstOf(sources: readonly Source[], by: readonly string[], reading: Reading): string {
  const [first, ...others] = sources;
  if (first === undefined) throw new Error('There is no source to read.');
  if (others.length === 0) return reading(first, by);
  const alternatives = sources.map((source, index) => {
    const earlier = by.length === 0 ? [] : sources.slice(0, index).map(({ answers }) => ` unless on () ${answers}`);
    return `${reading(source, by)}${earlier.join('')}`;
  });
  return `(${alternatives.map((alternative, index) => (index === 0 ? alternative : `(${alternative})`)).join(' or ')})`;
}
