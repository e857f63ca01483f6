/** A table of figures in the time range beside the one as long before, and the change between them: every row, without a rest. */
import { figureWords } from '../../../collector/catalog/figure-titles.ts';
import { figureUnit } from '../../../collector/catalog/figures.ts';
import { isMeasure, type MeasureName } from '../../../collector/catalog/measures.ts';
import type { LedgerQuery, Panel } from '../../../collector/catalog/panel.ts';
import { AS_LONG_BEFORE } from '../cumulative-targets.ts';
import { capitalized } from '../target.ts';
import { figureSql } from './figures.ts';
import { selected } from './ledger-queries.ts';
import { BEFORE, column, heading } from './names.ts';
import type { SqlColumn, SqlQuery } from './query.ts';
import { relationOf } from './relations.ts';
import type { Variables } from './surroundings.ts';

export function changeQuery({ id }: Panel, query: LedgerQuery, variables: Variables): SqlQuery {
  const [figure = 'cost', ...more] = query.figures;
  if (more.length > 0 || !isMeasure(figure)) throw new Error(`Panel ${id}: only sums of one measure are compared with the previous period.`);
  const words = figureWords(figure);
  const target = { unit: figureUnit(figure), isAdditive: true as const };
  const columns = [
    named({ ...target, key: figure, title: words }),
    named({ ...target, key: `${figure} previous_range`, title: `${words}, ${AS_LONG_BEFORE.toLowerCase()}` }),
    named({ ...target, key: `${figure} change`, title: 'Change' }),
  ];
  const labels = query.by.map((name) => `${column(name)} AS ${heading(capitalized(name))}`);
  // Before its first record the ledger knows nothing, and there is nothing to compare with. Asked once, not for each row.
  const before = `CASE WHEN (SELECT known_since()) <= ${BEFORE} THEN sum(before) END`;
  const amounts = ['sum(now)', before, `sum(now) - ${before}`].map((sql, index) => `${sql} AS ${heading(columns[index]?.name ?? '')}`);
  return {
    sql: `SELECT ${[...labels, ...amounts].join(', ')}\nFROM (\n${rows(query, figure, variables)}\n) AS compared\nGROUP BY ${query.by.map(column).join(', ')}\nHAVING num_nonnulls(nullif(sum(now), 0), nullif(sum(before), 0)) > 0\nORDER BY ${labels.length + 1} DESC, ${labels.map((_, index) => index + 1).join(', ')}`,
    labels: query.by.map(capitalized),
    columns,
    isTimed: false,
  };
}

const named = (shown: Omit<SqlColumn, 'name'>): SqlColumn => ({ ...shown, name: shown.title });

function rows(query: LedgerQuery, figure: MeasureName, variables: Variables): string {
  const [now, before] = (['range', 'previous_range'] as const).map((window) => selected(query, variables, (needed) => relationOf(window, needed)));
  const by = query.by.map(column).join(', ');
  const amount = figureSql(figure, { isAlone: false });
  const part = (rest: typeof now, amounts: string): string => `SELECT ${by}, ${amounts} FROM ${rest?.from}${rest?.where}\nGROUP BY ${by}`;
  return `${part(now, `${amount} AS now, 0 AS before`)}\nUNION ALL\n${part(before, `0, ${amount}`)}`;
}
