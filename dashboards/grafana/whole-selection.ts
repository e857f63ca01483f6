/**
 * Gauges of a selection of which other series know enough: where several organizations or teams are chosen, one figure over all of them, as
 * the built-in page has it, instead of one for each.
 */
import { GAUGES, type GaugeName } from '../../collector/catalog/gauges.ts';
import { DIMENSIONS } from '../../collector/catalog/measures.ts';
import { LABELS } from '../../collector/catalog/names.ts';
import type { GaugeQuery, Panel } from '../../collector/catalog/panel.ts';
import { completeSeries, periodSeries } from '../../collector/catalog/series-families.ts';
import type { Surroundings } from './surroundings.ts';
import { selector, valueMatcher } from './variables.ts';

type Whole = (surroundings: Surroundings, where: GaugeQuery['where']) => string | undefined;

/** When each known user was last seen, wherever that was: who is in two of the organizations that are chosen is one of them. */
const lastSeen = (surroundings: Surroundings): string =>
  `max by (user) (${selector(GAUGES.user_last_seen.series, [valueMatcher('user', [DIMENSIONS.user.absent], true)], surroundings)})`;

/** A user is seen to the minute, and the minute in which a time begins counts whole. */
const begin = (days: number): string => `time() - ${days * 86_400 + 60}`;
const WINDOW_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30 };

const activeUsers: Whole = (surroundings, where) => {
  const days = WINDOW_DAYS[where?.window ?? ''];
  return days === undefined ? undefined : `sum(${lastSeen(surroundings)} > bool ${begin(days)})`;
};
const lapsedUsers: Whole = (surroundings) => `sum(${lastSeen(surroundings)} <= bool ${begin(30)})`;
const stickiness: Whole = (surroundings) => `avg((${lastSeen(surroundings)} > ${begin(30)}) > bool ${begin(1)})`;

/** All together come from the ledger. Of those that are chosen each user has to be on /metrics by name. */
const concentration: Whole = (surroundings) => {
  const known = [`${LABELS.period}="month"`, valueMatcher('user', [DIMENSIONS.user.absent], true)];
  const users = `(sum by (user) (${selector(periodSeries('person'), known, surroundings)}) > 0)`;
  const everyone = selector(GAUGES.spend_concentration.series, ['organization=""', 'team=""'], surroundings);
  // Of nobody there is no tenth; Prometheus refuses to take that many of the largest.
  const tenth = `scalar(ceil(count(${users}) / 10) or vector(0))`;
  return `max(${everyone}) or sum(topk(${tenth}, ${users})) / sum(${users}) and on () ${completeSeries('person')}`;
};

const WHOLE: Readonly<Partial<Record<GaugeName, Whole>>> = {
  active_users: activeUsers,
  lapsed_users: lapsedUsers,
  stickiness,
  spend_concentration: concentration,
};

/** Undefined: it is not to be had from the series. */
export const wholeSelection = (name: GaugeName, { where }: Pick<GaugeQuery, 'where'>, surroundings: Surroundings): string | undefined =>
  surroundings.families.person.labels.includes('user') ? WHOLE[name]?.(surroundings, where) : undefined;

/** Does the panel show a figure for each organization or team that is chosen, although it does not distinguish them? */
export const showsEach = ({ query }: Panel, surroundings: Surroundings): boolean =>
  query.source === 'gauge' &&
  query.reduce === 'one' &&
  !['organization', 'team'].some((label) => query.by.includes(label)) &&
  (query.by.length > 0 || query.gauges.some((name) => wholeSelection(name, query, surroundings) === undefined));
