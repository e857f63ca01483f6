/**
 * What a board's variables do to an expression: every selector carries a matcher for each of them. Where a series lacks the label, Prometheus
 * treats it as empty, which "All" (".*") matches and a choice does not: such a panel gives no data instead of a figure that was not narrowed.
 */
import { VARIABLES, type VariableName } from '../../collector/catalog/board-variables.ts';
import { SERIES } from '../../collector/catalog/names.ts';

/** Present whenever the collector was being scraped. */
export const SCRAPED = SERIES.buildInfo;

export const variableMatcher = (name: VariableName): string => `${name}=~"$${name}"`;

export function selector(series: string, matchers: readonly string[], variables: readonly VariableName[]): string {
  const all = [...matchers, ...VARIABLES.filter((name) => variables.includes(name)).map(variableMatcher)];
  return all.length === 0 ? series : `${series}{${all.join(',')}}`;
}

/** One value exactly, several as alternatives; with `not` everything but these. */
export function valueMatcher(label: string, values: readonly string[], not = false): string {
  const [first = ''] = values;
  if (values.length === 1) return `${label}${not ? '!=' : '='}${quoted(first)}`;
  return `${label}${not ? '!~' : '=~'}${quoted(values.map(escapeRegExp).join('|'))}`;
}

export const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
