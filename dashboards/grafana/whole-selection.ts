/**
 * Gauges of a selection of which other series know enough: where several organizations or teams are chosen, one figure over all of them, as
 * the built-in page has it, instead of one for each.
 */
import { GAUGES, type GaugeName } from '../../collector/catalog/gauges.ts';
import { DIMENSIONS } from '../../collector/catalog/measures.ts';
import { LABELS } from '../../collector/catalog/names.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import { completeSeries, periodSeries } from '../../collector/catalog/series-families.ts';
import type { Surroundings } from './surroundings.ts';
import { selector, valueMatcher } from './variables.ts';

type Whole = (surroundings: Surroundings) => string | undefined;

/** Each user counts in one team of an organization: the counts add up. */
const stickiness: Whole = ({ variables }) => {
  const active = (window: string): string => `sum(${selector(GAUGES.active_users.series, [`window="${window}"`], variables)})`;
  return `${active('day')} / (${active('month')} > 0)`;
};

/** All together come from the ledger. Of those that are chosen each user has to be on /metrics by name. */
const concentration: Whole = ({ variables, families }) => {
  if (!families.person.labels.includes('user')) return undefined;
  const known = [`${LABELS.period}="month"`, valueMatcher('user', [DIMENSIONS.user.absent], true)];
  const users = `(sum by (user) (${selector(periodSeries('person'), known, variables)}) > 0)`;
  const everyone = selector(GAUGES.spend_concentration.series, ['organization=""', 'team=""'], variables);
  // Of nobody there is no tenth; Prometheus refuses to take that many of the largest.
  const tenth = `scalar(ceil(count(${users}) / 10) or vector(0))`;
  return `max(${everyone}) or sum(topk(${tenth}, ${users})) / sum(${users}) and on () ${completeSeries('person')}`;
};

const WHOLE: Readonly<Partial<Record<GaugeName, Whole>>> = { stickiness, spend_concentration: concentration };

/** Undefined: it is not to be had from the series. */
export const wholeSelection = (name: GaugeName, surroundings: Surroundings): string | undefined => WHOLE[name]?.(surroundings);

/** Does the panel show a figure for each organization or team that is chosen, although it does not distinguish them? */
export const showsEach = ({ query }: Panel, surroundings: Surroundings): boolean =>
  query.source === 'gauge' &&
  query.reduce === 'one' &&
  !['organization', 'team'].some((label) => query.by.includes(label)) &&
  (query.by.length > 0 || query.gauges.some((name) => wholeSelection(name, surroundings) === undefined));
