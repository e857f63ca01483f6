/** What the reader picked, kept in the address so that a link shows the same view, and carried along from board to board. */

export interface Filter {
  readonly dimension: string;
  readonly value: string;
}

export interface Selection {
  /** Query parameters of the time range: period, or a start and an end. Empty for the default, the running month. */
  readonly timeRange: Readonly<Record<string, string>>;
  readonly where: readonly Filter[];
}

export const EVERYTHING: Selection = { timeRange: {}, where: [] };

const TIME_RANGE_KEYS = ['period', 'from', 'to', 'since', 'until', 'tz'];

export function readSelection(search: string): Selection {
  const parameters = new URLSearchParams(search);
  const timeRange = Object.fromEntries(TIME_RANGE_KEYS.flatMap((key) => (parameters.has(key) ? [[key, parameters.get(key) ?? '']] : [])));
  const where = parameters.getAll('where').flatMap((text) => {
    const colon = text.indexOf(':');
    return colon < 1 ? [] : [{ dimension: text.slice(0, colon), value: text.slice(colon + 1) }];
  });
  return { timeRange, where };
}

export function toSearch({ timeRange, where }: Selection, more: Readonly<Record<string, string>> = {}): string {
  const parameters = new URLSearchParams({ ...more, ...timeRange });
  for (const { dimension, value } of where) parameters.append('where', `${dimension}:${value}`);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

const isSame = (a: Filter, b: Filter): boolean => a.dimension === b.dimension && a.value === b.value;

export const hasFilter = ({ where }: Selection, filter: Filter): boolean => where.some((known) => isSame(known, filter));

/** Adds the filter, or removes it when it is there. */
export function toggleFilter(selection: Selection, filter: Filter): Selection {
  const others = selection.where.filter((known) => !isSame(known, filter));
  return { ...selection, where: others.length < selection.where.length ? others : [...others, filter] };
}

/** Narrowed to exactly these values: whoever drills down from three teams into one leaves the other two behind. */
export function narrowTo(selection: Selection, filters: readonly Filter[]): Selection {
  const others = selection.where.filter((known) => !filters.some(({ dimension }) => dimension === known.dimension));
  return { ...selection, where: [...others, ...filters] };
}

export const valuesOf = ({ where }: Selection, dimension: string): readonly string[] =>
  where.filter((filter) => filter.dimension === dimension).map(({ value }) => value);

export const without = (selection: Selection, dimension: string): Selection => ({
  ...selection,
  where: selection.where.filter((filter) => filter.dimension !== dimension),
});

/** The time picked, and without one the running month, for questions that would be about another time by themselves. */
export const timeOrThisMonth = ({ timeRange }: Pick<Selection, 'timeRange'>): Selection['timeRange'] =>
  Object.keys(timeRange).some((key) => key !== 'tz') ? timeRange : { ...timeRange, period: 'this_month' };

/** The time zone outlives a change of the time range. */
export const withTimeRange = (selection: Selection, timeRange: Selection['timeRange']): Selection => ({
  ...selection,
  timeRange: { ...timeRange, ...(selection.timeRange.tz !== undefined && { tz: selection.timeRange.tz }) },
});
