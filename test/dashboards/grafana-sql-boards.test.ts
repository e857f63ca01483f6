/** Every board over SQL as Grafana gets it: loadable, narrowed by every variable, asking only for what the views have, short, and without floats. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { RANGED, rangeOf, viewOf } from '../../collector/ledger/read-schema.ts';
import { COARSE, FINEST } from '../../collector/ledger/rollups.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { PLUGIN } from '../../dashboards/grafana/sql/asks.ts';
import { ALL_VALUE, variableCondition } from '../../dashboards/grafana/sql/names.ts';
import { variablesOf } from '../../dashboards/grafana/sql/surroundings.ts';
import { expand } from '../support/grafana-postgres.ts';

const datasource = z.object({ type: z.literal(PLUGIN), uid: z.literal(`\${datasource}`) });
const query = z.strictObject({
  refId: z.string().regex(/^[A-Z]$|^Anno$/),
  datasource,
  rawSql: z.string().startsWith('SELECT ').or(z.string().startsWith('WITH ')),
  format: z.enum(['time_series', 'table']),
  rawQuery: z.literal(true),
  editorMode: z.literal('code'),
});
const link = z.object({ url: z.string().startsWith('/d/ledgerline-sql-') });
const model = z.object({
  uid: z.string().regex(/^ledgerline-sql-[a-z]+$/),
  title: z.string().startsWith('Ledgerline SQL / '),
  tags: z.tuple([z.literal('ledgerline-sql')]),
  links: z.tuple([z.object({ type: z.literal('dashboards'), tags: z.tuple([z.literal('ledgerline-sql')]) })]),
  templating: z.object({
    list: z.array(
      z.object({ name: z.string(), type: z.enum(['datasource', 'query']), query: z.string(), allValue: z.string().optional(), multi: z.boolean() }),
    ),
  }),
  annotations: z.object({ list: z.array(z.object({ datasource, target: query })) }),
  panels: z.array(
    z.union([
      z.object({ type: z.literal('row') }),
      z.object({
        type: z.enum(['stat', 'bargauge', 'timeseries', 'table', 'text']),
        title: z.string(),
        datasource,
        targets: z.array(query).default([]),
        fieldConfig: z.object({ defaults: z.object({ links: z.array(link).default([]), displayName: z.string().optional() }) }),
      }),
    ]),
  ),
});
const boards = BOARDS.map((board) => {
  const built: unknown = JSON.parse(JSON.stringify(renderGrafana(board, { timeZone: 'UTC', weekStart: 'monday', datasource: 'postgres' })));
  return { board, model: model.parse(built) };
});

const VIEWS = [FINEST, ...COARSE].map(viewOf);
const RELATIONS = [...VIEWS, ...RANGED.map(rangeOf), 'gauges', 'gauge_days', 'collector_series', 'ledger'];
/** What a query names itself. */
const OWN = ['ranked', 'days', 'places', 'unnest'];

/** Characters that a query has at most: tables of percentiles name seven buckets for each. Most are read at one glance. */
const LENGTH_MAX = 2_200;
const GLANCE = 500;

describe.each(boards.map((one) => [one.board.id, one] as const))('the board %s', (_, { board, model: { panels, templating, annotations } }) => {
  const queries = [
    ...panels.flatMap((panel) => (panel.type === 'row' ? [] : panel.targets.map(({ rawSql }) => [panel.title, rawSql] as const))),
    ...annotations.list.map(({ target }) => ['annotation', target.rawSql] as const),
  ];
  const isOfCollector = (sql: string): boolean => /FROM (collector_series|ledger)\b/.test(sql);

  test('asks only for views and functions of the schema that is there to be read', () => {
    for (const [title, sql] of queries) {
      const asked = [...sql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].map(([, name = '']) => name);
      expect([title, asked.filter((name) => ![...RELATIONS, ...OWN, 'now'].includes(name))]).toEqual([title, []]);
    }
  });

  test('is narrowed by every variable', () => {
    const conditions = variablesOf(board).map(variableCondition);
    for (const [title, sql] of queries.filter(([, own]) => !isOfCollector(own)))
      expect([title, conditions.filter((condition) => !sql.includes(condition))]).toEqual([title, []]);
    expect(templating.list.map(({ name }) => name)).toEqual(['datasource', ...variablesOf(board)]);
    for (const { name, type, allValue, multi } of templating.list)
      if (type === 'query') expect([name, allValue, multi]).toEqual([name, ...(name === board.single ? [undefined, false] : [ALL_VALUE, true])]);
  });

  test('has short queries, whose macros Grafana knows, and in which nothing is a float', () => {
    for (const [title, sql] of [...queries, ...templating.list.filter(({ type }) => type === 'query').map((one) => [one.name, one.query] as const)]) {
      const asked = expand(sql, { fromMs: 0, toMs: 900_000, variables: { team: [`it's`] }, allValue: ALL_VALUE });
      expect([title, /\$|float|double|real|money\b/i.exec(asked)]).toEqual([title, null]);
      expect([title, sql.length < LENGTH_MAX ? 'short' : sql.length]).toEqual([title, 'short']);
    }
  });
});

test('most queries are read at one glance', () => {
  const lengths = boards.flatMap(({ model: { panels } }) =>
    panels.flatMap((panel) => (panel.type === 'row' ? [] : panel.targets.map(({ rawSql }) => rawSql.length))),
  );
  expect(lengths.filter((length) => length < GLANCE).length / lengths.length).toBeGreaterThan(0.6);
});
