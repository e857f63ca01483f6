/** Every board as Grafana gets it: loadable, laid out, explained, narrowed by every variable, and asking only for what /metrics has. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { VARIABLES } from '../../collector/catalog/board-variables.ts';
import { GAUGES } from '../../collector/catalog/gauges.ts';
import { COMMUNITY_SERIES, SELF_SERIES, SERIES } from '../../collector/catalog/names.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { renderGrafana, uidFor } from '../../dashboards/grafana/board.ts';
import { variableMatcher } from '../../dashboards/grafana/variables.ts';
import { type DashboardModel, type DrawnPanel, dashboardSchema, linksSchema } from './dashboard-schema.ts';
import { EXPOSED } from './exposed.ts';
import { errorsOf, functionsOf, selectorsOf, type VectorSelector } from './promql.ts';

/** As JSON, since that is what Grafana reads. */
const boards = BOARDS.map((board) => {
  const model: unknown = JSON.parse(JSON.stringify(renderGrafana(board, { timeZone: 'UTC', weekStart: 'monday' })));
  return { board, model };
});
const parsed = boards.map(({ board, model }) => ({ board, model: dashboardSchema.parse(model) }));
const panelsOf = ({ panels }: DashboardModel): DrawnPanel[] => panels.flatMap((panel) => (panel.type === 'row' ? [] : [panel]));
const tableOptions = z.object({
  enablePagination: z.literal(true),
  footer: z.object({ show: z.boolean(), reducer: z.array(z.string()), fields: z.array(z.string()), enablePagination: z.boolean() }),
});
/** Variables may stay inside of strings; elsewhere they are no PromQL. */
const filled = (expr: string): string => expr.replaceAll('$__range', '1h').replaceAll(/\$\{__(?:from|to):date:seconds\}/g, '0');

test('no two boards share an id, and every board has its file’s name', () => {
  expect(new Set(BOARDS.map((board) => uidFor(board, 'prometheus'))).size).toBe(BOARDS.length);
  expect(parsed.map(({ model }) => model.uid)).toEqual(BOARDS.map(({ id }) => `ledgerline-${id}`));
});

describe.each(parsed.map(({ board, model }) => [board.title, board, model] as const))('the board %s', (_, board, model) => {
  test('fills its rows, and no panel covers another or leaves the grid', () => {
    for (const { title, panels } of board.rows) expect([title, panels.reduce((sum, { width }) => sum + width, 0)]).toEqual([title, 24]);
    const cells = model.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of model.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('gives every panel an id of its own, in Grafana and in the declaration', () => {
    expect(new Set(model.panels.map(({ id }) => id)).size).toBe(model.panels.length);
    const ids = board.rows.flatMap(({ panels }) => panels.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('shows every declared panel, and how far to trust it', () => {
    const titles = panelsOf(model).map(({ title }) => title);
    expect(titles.slice(0, -3)).toEqual(board.rows.flatMap((row) => row.panels.map(({ title }) => title)));
    expect(titles).toContain('Time since the last record');
  });

  test('can be narrowed by what it declares, several values at a time or all, but for what it is about one of', () => {
    expect(model.templating.list.map(({ name }) => name)).toEqual(['datasource', ...board.variables]);
    for (const variable of model.templating.list.slice(1)) {
      const isSeveral = variable.name !== board.single;
      expect(variable).toMatchObject({ type: 'query', multi: isSeveral, includeAll: isSeveral });
      expect([variable.name, 'allValue' in variable ? variable.allValue : undefined]).toEqual([variable.name, isSeveral ? '.*' : undefined]);
    }
  });

  test('shows tables page by page, with a total below what adds up', () => {
    for (const { title, fieldConfig, type, options, transformations = [] } of panelsOf(model)) {
      // Heat maps are tables of hours.
      if (type !== 'table' || transformations.some(({ id }) => id === 'groupingToMatrix')) continue;
      const { footer } = tableOptions.parse(options);
      expect([title, footer]).toMatchObject([title, { enablePagination: true, show: footer.fields.length > 0, reducer: ['sum'] }]);
      const summed = fieldConfig.overrides.filter(({ properties }) => properties.some(({ id }) => id === 'custom.footer.reducers'));
      expect([title, summed.map(({ matcher }) => matcher.options)]).toEqual([title, footer.fields]);
      // A share or an average of all is not the sum of its rows.
      expect(footer.fields.filter((name) => /ratio|share|per |forecast/i.test(name))).toEqual([]);
    }
  });

  test('draws bars from zero, all of a panel on one scale', () => {
    for (const { title, fieldConfig, type } of panelsOf(model)) {
      if (type !== 'bargauge') continue;
      const units = fieldConfig.overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === 'unit'));
      expect([title, fieldConfig.defaults.min, units]).toEqual([title, 0, []]);
    }
  });

  test('has columns of different names in every table, and labels as its first columns', () => {
    for (const { title, fieldConfig, type } of panelsOf(model)) {
      if (type !== 'table') continue;
      const columns = fieldConfig.overrides.map(({ matcher }) => matcher.options);
      expect([title, new Set(columns).size]).toEqual([title, columns.length]);
    }
  });
});

/** Characters that an expression has at most, and those that somebody reads at one glance. */
const LENGTH_MAX = 1_500;
const GLANCE = 300;

test('expressions are read at one glance, or nearly so', () => {
  const lengths = parsed.flatMap(({ model }) => panelsOf(model).flatMap(({ targets }) => targets.map(({ expr }) => plain(expr).length)));
  const shareBelow = (characters: number): number => lengths.filter((length) => length < characters).length / lengths.length;
  expect(shareBelow(GLANCE)).toBeGreaterThan(0.57);
  expect(shareBelow(GLANCE + 50)).toBeGreaterThan(0.64);
});

/** Without braces within those of a selector. */
const plain = (expr: string): string => expr.replaceAll(/\$\{(\w+):(?:raw|pipe|regex)\}/g, '$$$1');

/** Rows of zero are those of everyone; by them alone no figure is made. */
const ZEROS = /\w+(?:\{[^{}]*\})?(?: offset \S+| @ \S+)? \* 0|0 \* sum by \([^)]*\) \([^)]*\)/g;
/** What is subtracted from narrowed series, each from itself, is that of everyone too: the others find no other half. */
const AT = '(?: offset [^\\s()]+| @ (?:start\\(\\)|[^\\s()]+))*';
/** What tells measures of one name apart, and the one user that a board is about. */
const OWN = '(?:\\{[^{}]*\\})?';
const EARLIER = new RegExp(`((\\b\\w+)\\{[^{}]*\\}${AT}) - \\(\\2${OWN}${AT} or \\2${OWN}${AT} \\* 0`, 'g');

/** Panels of the collector itself and of trust are about all of it: no selection narrows them. */
const OF_COLLECTOR = [...Object.values(SELF_SERIES), SERIES.asOf, SERIES.droppedSeries];
/** They say whether there is a figure, and are none themselves. */
const GUARDS: readonly string[] = [SERIES.buildInfo, SERIES.periodKnown, GAUGES.period_start.series];
const isOfCollector = ({ names }: VectorSelector): boolean => names.every((name) => OF_COLLECTOR.some((own) => name.startsWith(own)));

describe.each(parsed.map(({ board, model }) => [board.title, board, panelsOf(model)] as const))('every panel of the board %s', (_, board, panels) => {
  /** Each expression with the title of its panel, so that a failure names it. */
  const expressions = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));
  const problems = (find: (expr: string) => readonly unknown[]): unknown[] =>
    expressions.flatMap(([title, expr]) => find(expr).map((problem) => [title, problem, expr]));

  test('asks at one instant, or in steps if it is over time', () => {
    for (const { title, type, targets } of panels) {
      const kinds = targets.map(({ instant, range, interval }) => ({ instant: instant === true, range: range === true, interval }));
      const isOverTime = type === 'timeseries';
      for (const kind of kinds)
        expect([title, kind]).toEqual([
          title,
          { instant: !isOverTime, range: isOverTime, interval: isOverTime ? (kind.interval === '1h' ? '1h' : '1d') : undefined },
        ]);
    }
  });

  test('is PromQL without an error', () => {
    expect(problems((expr) => errorsOf(filled(expr)))).toEqual([]);
    expect(errorsOf('sum(x')).not.toEqual([]);
  });

  test('is short enough to be edited', () => {
    expect(problems((expr) => (expr.length > LENGTH_MAX ? [expr.length] : []))).toEqual([]);
  });

  test('asks only for series that the collector exposes, by labels that they have', () => {
    expect(problems((expr) => (selectorsOf(filled(expr)).length === 0 ? ['asks for nothing'] : []))).toEqual([]);
    expect(problems((expr) => selectorsOf(filled(expr)).flatMap(({ names }) => names.filter((name) => !EXPOSED.has(name))))).toEqual([]);
    expect(problems((expr) => selectorsOf(filled(expr)).flatMap(unknownLabels))).toEqual([]);
  });

  test('is narrowed by every variable', () => {
    const isGuard = ({ names }: VectorSelector): boolean => names.every((name) => GUARDS.includes(name) || name.endsWith('_complete'));
    const isExempt = (selector: VectorSelector): boolean => isGuard(selector) || isOfCollector(selector);
    const matchersOf = board.variables.map((name) => plain(variableMatcher(name, board.single)));
    const isNarrow = ({ matchers }: VectorSelector): boolean => matchersOf.every((matcher) => matchers.includes(matcher));
    const isWide = (selector: VectorSelector): boolean => !isExempt(selector) && !isNarrow(selector);
    const figuresIn = (expr: string) => selectorsOf(filled(plain(expr).replaceAll(EARLIER, '$1 - (1').replaceAll(ZEROS, '1')));
    expect(problems((expr) => figuresIn(expr).filter(isWide))).toEqual([]);
    expect(problems((expr) => VARIABLES.filter((name) => plain(expr).includes(`$${name}`) && !board.variables.includes(name)))).toEqual([]);
  });

  test('never extrapolates what the ledger counts, and never asks the client’s own counters', () => {
    const extrapolating = (expr: string) => functionsOf(filled(expr)).filter((name) => /^(rate|irate|increase|delta|idelta|deriv)$/.test(name));
    expect(problems((expr) => (selectorsOf(filled(expr)).every(isOfCollector) ? [] : extrapolating(expr)))).toEqual([]);
    expect(problems((expr) => Object.values(COMMUNITY_SERIES).filter((name) => expr.includes(name)))).toEqual([]);
  });

  test('leads only to boards that exist, and takes the whole selection along', () => {
    for (const { title, url } of panels.flatMap(linksOf)) {
      expect([title, BOARDS.map((board) => `/d/${uidFor(board, 'prometheus')}`).includes(url.split('?')[0] ?? '')]).toEqual([title, true]);
      for (const part of [`\${datasource:queryparam}`, `\${__url_time_range}`]) expect(url).toContain(part);
      for (const name of VARIABLES) {
        const times = url.split(new RegExp(`var-${name}=|\\$\\{${name}:queryparam\\}`)).length - 1;
        expect([title, name, board.variables.includes(name) ? times : times > 1]).toEqual([title, name, board.variables.includes(name) ? 1 : false]);
      }
    }
  });
});

test('what is not shown by name leads nowhere', () => {
  const linked = parsed.flatMap(({ model }) => panelsOf(model)).filter(({ fieldConfig }) => (fieldConfig.defaults.links ?? []).length > 0);
  expect(linked.length).toBeGreaterThan(10);
  for (const { title, fieldConfig } of linked) {
    const patterns = fieldConfig.overrides.flatMap(({ matcher, properties }) =>
      matcher.id === 'byRegexp' && properties.some(({ id, value }) => id === 'links' && linksSchema.parse(value).length === 0)
        ? [matcher.options]
        : [],
    );
    // As Grafana reads it.
    const isLinked = (name: string): boolean => !patterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(name));
    const names = ['(other)', '(other) · acme', '', ' · acme', 'data', 'other', 'data · (other)', '(others)'];
    expect([title, names.filter(isLinked)]).toEqual([title, ['data', 'other', 'data · (other)', '(others)']]);
  }
});

test('of several labels in a table, the one that another board is about leads there', () => {
  const users = parsed.flatMap(({ board, model }) => (board.id === 'team' ? panelsOf(model).filter(({ title }) => title === 'Users') : []));
  const begins = users.flatMap(linksOf).map(({ url }) => url.slice(0, url.indexOf('=') + 1));
  expect(begins).toEqual(['/d/ledgerline-team?var-team=', '/d/ledgerline-developer?var-user=']);
});

test('links are found in bars and in the cells of tables', () => {
  const urls = parsed.flatMap(({ model }) => panelsOf(model).flatMap(linksOf)).map(({ url }) => url);
  expect(urls.filter((url) => url.includes('__field.labels.')).length).toBeGreaterThan(10);
  expect(urls.filter((url) => url.includes('__value.raw')).length).toBeGreaterThan(5);
});

function unknownLabels({ names, labels }: VectorSelector): string[] {
  const own = new Set<string>(VARIABLES);
  return names.flatMap((name) =>
    labels.filter((label) => !own.has(label) && EXPOSED.get(name)?.has(label) !== true).map((label) => `${name}: ${label}`),
  );
}

function linksOf({ fieldConfig: { defaults, overrides } }: DrawnPanel): readonly { readonly title: string; readonly url: string }[] {
  const properties = overrides.flatMap((override) => override.properties).filter(({ id }) => id === 'links');
  return [...(defaults.links ?? []), ...properties.flatMap(({ value }) => linksSchema.parse(value))];
}
