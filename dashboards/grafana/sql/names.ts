/** Names and texts in SQL, and what a board's variables do to a query. */
import type { VariableName } from '../../../collector/catalog/board-variables.ts';
import { VARIABLES } from '../../../collector/catalog/board-variables.ts';
import type { Fixed } from '../../../collector/catalog/panel.ts';

/** Beginning and end of the chosen range, epoch seconds. Grafana's macros. */
export const FROM = '$__unixEpochFrom()';
export const TO = '$__unixEpochTo()';
/** The range as long before: written so that no part of it is beyond 32 bits. */
export const BEFORE = `${FROM} - (${TO} - ${FROM})`;

/** Words of SQL itself: `user` alone is the role that asks. */
const RESERVED: readonly string[] = ['user', 'window', 'limit', 'on'];
export const column = (name: string): string => (RESERVED.includes(name) ? `"${name}"` : name);
export const heading = (title: string): string => `"${title.replaceAll('"', '""')}"`;
export const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * What a variable has for "All". A comparison with NULL is neither true nor false, so that it is not false for any value, also for one that came
 * after the board was opened; a list of all of them would be as long as there are users.
 */
export const ALL_VALUE = 'NULL';
export const variableCondition = (name: VariableName): string => `${column(name)} IN (\${${name}:sqlstring}) IS NOT FALSE`;

/** Values as the views show them. */
export const fixedCondition = ({ dimension, values, not }: Fixed): string => {
  const [first = ''] = values;
  if (values.length === 1) return `${column(dimension)} ${not === true ? '<>' : '='} ${text(first)}`;
  return `${column(dimension)} ${not === true ? 'NOT IN' : 'IN'} (${values.map(text).join(', ')})`;
};

export const variableConditions = (variables: readonly VariableName[]): string[] =>
  VARIABLES.filter((name) => variables.includes(name)).map(variableCondition);

export const whereOf = (conditions: readonly string[]): string => (conditions.length === 0 ? '' : `\nWHERE ${conditions.join(' AND ')}`);
