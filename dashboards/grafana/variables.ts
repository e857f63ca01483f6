/**
 * What a board's variables do to an expression: every selector carries a matcher for each of them. Where a series lacks the label, Prometheus
 * treats it as empty, which "All" (".*") matches and a choice does not: such a panel gives no data instead of a figure that was not narrowed.
 */
import { VARIABLES, type VariableName } from '../../collector/catalog/board-variables.ts';
import { SERIES } from '../../collector/catalog/names.ts';
import type { Surroundings } from './surroundings.ts';

/** Present whenever the collector was being scraped. */
export const SCRAPED = SERIES.buildInfo;

type Narrowing = Pick<Surroundings, 'variables' | 'single'>;
export const NOT_NARROWED: Narrowing = { variables: [] };

/**
 * Between backquotes PromQL escapes nothing, and neither does Grafana when the format is named: names may have quotes and backslashes. What may be
 * several values is a regular expression, a single one is itself: ada+x@example.com would be no user's address.
 */
export const variableMatcher = (name: VariableName, single?: VariableName): string =>
  name === single ? `${name}=\`\${${name}:raw}\`` : `${name}=~\`\${${name}:regex}\``;

export function selector(series: string, matchers: readonly string[], { variables, single }: Narrowing): string {
  const all = [...matchers, ...VARIABLES.filter((name) => variables.includes(name)).map((name) => variableMatcher(name, single))];
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
