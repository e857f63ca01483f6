/**
 * Amounts as PromQL over lifetime totals, exact on money: what is true now, or now minus then. Never increase() or rate(), which
 * extrapolate, and lose what appears between two scrapes. Where the far end was not scraped there is no figure. What was missing then
 * is zero only where everything was shown by its own name: what was grouped into "(other)" and no longer is would otherwise show
 * everything since the beginning.
 */
import type { Source } from './sources.ts';
import { SCRAPED } from './variables.ts';

/**
 * Amounts of one source by these labels; without labels one row. `like`: the source of rows that are zero where this one has none, for
 * what is divided by it.
 */
export type Reading = (source: Source, by: readonly string[], like?: Source) => string;

export const sumBy = (by: readonly string[], vector: string): string =>
  by.length === 0 ? `sum(${vector})` : `sum by (${by.join(', ')}) (${vector})`;

/** Every row that a source has, as zero. Series of several names have one label set each only once they are added up. */
const zerosOf = ({ rows, isSeveral }: Source, by: readonly string[], at = ''): string =>
  isSeveral ? `0 * ${sumBy(by, `${rows}${at}`)}` : `${rows}${at} * 0`;

/** A total without any series is zero as long as the collector answers and knows its period, and no data otherwise. */
export const now: Reading = (source, by, like) => {
  if (by.length === 0) return `sum(${source.selected} or ${source.known} * 0)`;
  return sumBy(by, like === undefined ? source.selected : `${source.selected} or ${zerosOf(like, by)}`);
};

/**
 * What was booked between `then` and `later`, which are put behind a selector. By labels, each series is compared with itself: the earlier
 * ones need no narrowing, since those that are not selected find no other half.
 */
export const between =
  (then: string, later: string): Reading =>
  (source, by, like) => {
    const { selected, rows, isSeveral, complete } = source;
    if (by.length === 0) return `sum(${selected}${later} or ${SCRAPED}${later} * 0) - sum(${selected}${then} or ${complete}${then} * 0)`;
    if (isSeveral) {
      const zeros = zerosOf(like ?? source, by, later);
      const after = like === undefined ? `${selected}${later}` : `${selected}${later} or ${zeros}`;
      return `${sumBy(by, after)} - ${sumBy(by, `${selected}${then} or ${zeros} and on () ${complete}${then}`)}`;
    }
    const change = `${selected}${later} - (${rows}${then} or ${rows}${later} * 0 and on () ${complete}${then})`;
    return sumBy(by, like === undefined ? change : `${change} or ${zerosOf(like, by, later)} and on () ${complete}${then}`);
  };

/** Now minus then. */
export const inRange: Reading = between(' offset $__range', '');

/** End of the chosen range, Unix seconds. Grafana begins and ends a panel over time at whole steps: end() is not the end. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own syntax.
const RANGE_END = '${__to:date:seconds}';
const AT_RANGE_END = ` @ ${RANGE_END}`;

export const SECONDS = { '1h': 3_600, '1d': 86_400 } as const;
export type Step = keyof typeof SECONDS;

/** Is the step still going on when the range ends? */
const isGoingOn = (step: Step): string => `vector(time()) > ${RANGE_END} - ${SECONDS[step]}`;

/**
 * A value at the end of each step, shown at its beginning, so that a day's bar stands at the day's date. Of a step that is still going on
 * the newest value stands in. An end that lies in the past and was not scraped gives no value. `ahead`: how far ahead of its beginning a
 * step is read.
 */
export function atEndOf(step: Step, rows: (at: (selector: string) => string) => string, ahead: string = step): string {
  const end = rows((selector) => `${selector} offset -${ahead}`);
  return `(${end} or (${rows((selector) => `${selector}${AT_RANGE_END}`)} and on () (${isGoingOn(step)} unless on () (${SCRAPED} offset -${step}))))`;
}

/** The bar at t is what was booked from t to t + step. */
export const perStep =
  (step: Step): Reading =>
  (source, by, like) => {
    const { selected, complete } = source;
    const end = `${selected} offset -${step} or ${selected}${AT_RANGE_END} and on () ${isGoingOn(step)}`;
    if (by.length === 0) return `sum(${end}) - sum(${selected} or ${complete} * 0)`;
    // Added up first: joining thousands of series at every step takes seconds.
    const sum = (vector: string): string => sumBy(by, vector);
    const after = `(${sum(`${selected} offset -${step}`)} or ${sum(`${selected}${AT_RANGE_END}`)} and on () ${isGoingOn(step)})`;
    return `${after} - (${sum(selected)} or ${sum(`${(like ?? source).rows}${AT_RANGE_END}`)} * 0 and on () ${complete})`;
  };

/** What was booked in a whole range, the same at each of its steps: decides who is among the largest. */
export const wholeRange: Reading = ({ selected, rows, isSeveral }, by) => {
  if (!isSeveral) return sumBy(by, `${selected}${AT_RANGE_END} - (${rows} @ start() or ${rows}${AT_RANGE_END} * 0)`);
  return `${sumBy(by, `${selected}${AT_RANGE_END}`)} - (${sumBy(by, `${selected} @ start()`)} or ${sumBy(by, `${rows}${AT_RANGE_END}`)} * 0)`;
};

/**
 * A gauge's newest value of the time range so far. Of a range that ends in the future it goes on to the end, where what is read at an instant
 * ends now. Hour by hour: every scrape of a month, again for each point, is a hundred million samples.
 */
export const newest = (selected: string): string => `last_over_time(${selected}[$__range:1h])`;
