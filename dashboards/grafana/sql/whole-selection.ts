/** Gauges of a selection that are computed over all that is chosen, as the built-in page has them, instead of one figure for each. */
import type { GaugeName } from '../../../collector/catalog/gauges.ts';
import { DIMENSIONS } from '../../../collector/catalog/measures.ts';
import type { GaugeQuery } from '../../../collector/catalog/panel.ts';
import { TO, text, variableConditions, whereOf } from './names.ts';
import { VALUE } from './query.ts';
import { relationOf } from './relations.ts';
import type { Variables } from './surroundings.ts';

type Whole = (variables: Variables, where: GaugeQuery['where']) => string | undefined;

const KNOWN = `"user" <> ${text(DIMENSIONS.user.absent)}`;

/** When each known user was last seen, wherever that was: who is in two of the organizations that are chosen is one of them. */
const seen = (variables: Variables): string =>
  `(SELECT max(value) AS at_s FROM gauges${whereOf([`metric = 'user_last_seen'`, KNOWN, ...variableConditions(variables)])}\nGROUP BY "user") AS seen`;

/** A user is seen to the minute, and the minute in which a time begins counts whole. */
const since = (days: number): string => `extract(epoch FROM now()) - ${days * 86_400 + 60}`;
const WINDOW_DAYS: Readonly<Record<string, number>> = { day: 1, week: 7, month: 30 };

/** Nobody known at all is no figure. */
const counted = (value: string, variables: Variables): string =>
  `SELECT ${TO} AS "time", ${value} AS "${VALUE}"\nFROM ${seen(variables)}\nHAVING count(*) > 0`;

const active = (days: number): string => `count(*) FILTER (WHERE at_s > ${since(days)})`;

const concentration: Whole = (variables) => {
  const { from, conditions } = relationOf('this_month', ['user', ...variables]);
  const users = `SELECT sum(cost) AS cost, row_number() OVER (ORDER BY sum(cost) DESC) AS place, count(*) OVER () AS users\nFROM ${from}${whereOf([...conditions, KNOWN, ...variableConditions(variables)])}\nGROUP BY "user" HAVING sum(cost) > 0`;
  return `SELECT ${TO} AS "time", sum(cost) FILTER (WHERE place <= ceil(users / 10.0)) / sum(cost) AS "${VALUE}"\nFROM (\n${users}\n) AS spent\nHAVING count(*) > 0`;
};

const WHOLE: Readonly<Partial<Record<GaugeName, Whole>>> = {
  active_users: (variables, where) => {
    const days = WINDOW_DAYS[where?.window ?? ''];
    return days === undefined ? undefined : counted(active(days), variables);
  },
  lapsed_users: (variables) => counted(`count(*) FILTER (WHERE at_s <= ${since(30)})`, variables),
  stickiness: (variables) => counted(`${active(1)}::numeric / nullif(${active(30)}, 0)`, variables),
  spend_concentration: concentration,
};

/** Undefined: there is one figure for each organization or team that is chosen. */
export const wholeSelection = (name: GaugeName, { where }: Pick<GaugeQuery, 'where'>, variables: Variables): string | undefined =>
  WHOLE[name]?.(variables, where);
