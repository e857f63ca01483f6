/**
 * The variables of every board, and what they do to an expression. Every selector carries a matcher for each of them, also where a series
 * lacks the label: Prometheus treats a missing label as empty, which "All" (".*") matches and a choice does not. So a choice that a series
 * lack gives no data instead of a figure that was not narrowed.
 */
import { VARIABLES, type VariableName } from '../../collector/catalog/board-variables.ts';
import { SERIES } from '../../collector/catalog/names.ts';

const matcher = (name: VariableName): string => `${name}=~"$${name}"`;
export const MATCHERS: readonly string[] = VARIABLES.map(matcher);

/** Present whenever the collector was being scraped. */
export const SCRAPED = SERIES.buildInfo;

/** Present when, in addition, every variable that series with these labels lack stands on All: they have none of the labels, nor has this. */
export function answersWith(labels: readonly string[]): string {
  const missing = VARIABLES.filter((name) => !labels.includes(name));
  return missing.length === 0 ? SCRAPED : `${SCRAPED}{${missing.map(matcher).join(',')}}`;
}

export const selector = (series: string, matchers: readonly string[]): string => `${series}{${[...matchers, ...MATCHERS].join(',')}}`;

/** One value exactly, several as alternatives; with `not` everything but these. */
export function valueMatcher(label: string, values: readonly string[], not = false): string {
  const [first = ''] = values;
  if (values.length === 1) return `${label}${not ? '!=' : '='}${quoted(first)}`;
  return `${label}${not ? '!~' : '=~'}${quoted(values.map(escapeRegExp).join('|'))}`;
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
