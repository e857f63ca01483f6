/** What Grafana would show of a panel over SQL, asked of a real PostgreSQL, in the words of ledger-figures.ts. */
import type { Panel } from '../../collector/catalog/panel.ts';
import type { Sql } from '../../collector/storage/postgres/connection.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { ALL_VALUE } from '../../dashboards/grafana/sql/names.ts';
import { panelQueries } from '../../dashboards/grafana/sql/panel-queries.ts';
import type { SqlQuery } from '../../dashboards/grafana/sql/query.ts';
import { variablesOf } from '../../dashboards/grafana/sql/surroundings.ts';
import { REST } from '../../dashboards/grafana/target.ts';
import { expand, type GrafanaAsks } from '../support/grafana-postgres.ts';
import { DAY } from './demo-history.ts';
import type { Figures } from './ledger-figures.ts';
import { isNamed, joined } from './shown.ts';

export interface SqlPicked extends Omit<GrafanaAsks, 'allValue'> {
  readonly board: string;
  /** What now() is. */
  readonly nowMs: number;
}

export async function sqlShows(panel: Panel, sql: Sql, picked: SqlPicked): Promise<Figures> {
  const board = BOARDS.find(({ id }) => id === picked.board);
  if (board === undefined) throw new Error(`There is no board ${picked.board}.`);
  const figures: [string, number][] = [];
  for (const query of panelQueries(panel, variablesOf(board))) {
    const shown = await answered(panel, query, sql, picked);
    figures.push(...(panel.visualization === 'cumulative' ? atMidnights(shown, picked) : shown));
  }
  const keys = figures.map(([key]) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw new Error(`Panel ${panel.id} shows ${twice} twice.`);
  return Object.fromEntries(figures);
}

async function answered(panel: Panel, query: SqlQuery, sql: Sql, picked: SqlPicked): Promise<[string, number][]> {
  const asked = expand(query.sql, { ...picked, allValue: ALL_VALUE }).replaceAll('now()', `to_timestamp(${picked.nowMs / 1000})`);
  const rows = await sql.rows(asked);
  return rows.flatMap((row) => {
    const isRest = row.rest === 'true';
    const labels = isRest ? [REST] : query.labels.map((name) => String(row[name])).filter((label) => label !== '');
    const at = isOverTime(panel) ? `@${row.time}` : '';
    return query.columns.flatMap(({ name, key, factor = 1 }): [string, number][] => {
      const value = row[name];
      if (value === undefined) throw new Error(`Panel ${panel.id}: no column ${name} among ${Object.keys(row).join()}.`);
      if (value === null) return [];
      const before = panel.visualization === 'cumulative' ? key : isNamed(panel) ? `${key}|` : '';
      return [[`${before}${joined(labels)}${at}`, Number(value) / factor]];
    });
  });
}

/** A line has a point wherever it rises: read at each midnight and at the end of the range, as it was by then. */
function atMidnights(points: readonly [string, number][], { fromMs, toMs }: SqlPicked): [string, number][] {
  const lines = Map.groupBy(points, ([key]) => key.slice(0, key.indexOf('@')));
  const timeOf = ([key]: readonly [string, number]): number => Number(key.slice(key.indexOf('@') + 1)) * 1000;
  const instants = Array.from({ length: Math.floor(toMs / DAY) - Math.floor(fromMs / DAY) }, (_, day) => (Math.floor(fromMs / DAY) + 1 + day) * DAY);
  return [...lines].flatMap(([line, own]) =>
    [...instants.filter((ms) => ms < toMs), toMs].flatMap((ms): [string, number][] => {
      const last = own.findLast((point) => timeOf(point) <= ms);
      return last === undefined ? [] : [[`${line}@${ms / 1000}`, last[1]]];
    }),
  );
}

const isOverTime = ({ visualization }: Panel): boolean => ['timeseries', 'lines', 'cumulative'].includes(visualization);
