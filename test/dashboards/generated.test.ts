import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { COMMUNITY_SERIES, LABELS, LEDGER_LABELS, SELF_SERIES, SERIES } from '../../collector/names.ts';
import { ALERTS } from '../../collector/alert-names.ts';
import { alertRules } from '../../dashboards/alerts/rules.ts';
import { BOARDS, build, GENERATED } from '../../dashboards/build.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';
import type { Panel } from '../../dashboards/panel.ts';
import { expressionsOf, interpolate, panelsOf } from './grafana.ts';

const ROOT = join(import.meta.dirname, '../..');
const models = BOARDS.map((board) => renderGrafana(board, { timeZone: 'UTC', weekStart: 'monday' }));
const boardExpressions = models.flatMap((model) => expressionsOf(model).map(({ expr }) => interpolate(expr, { rangeSeconds: 3600 })));
const ruleExpressions = alertRules({ runbooks: 'r' }).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
const expressions = [...boardExpressions, ...ruleExpressions];

/** Text of every node of a kind in a PromQL expression. */
function nodes(expr: string, kind: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({ enter: (node) => void (node.name === kind && found.push(expr.slice(node.from, node.to))) });
  return found;
}

describe('what is generated', () => {
  test('lies in the repository as the declarations make it, and nothing else does', () => {
    const built = build();
    const committed = readdirSync(join(ROOT, GENERATED), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
    expect(committed.sort()).toEqual([...built.keys()].sort());
    for (const [path, content] of built) expect([path, readFileSync(join(ROOT, path), 'utf8')]).toEqual([path, content]);
  });

  test('is PromQL without an error', () => {
    expect(expressions.length).toBeGreaterThan(25);
    for (const expr of expressions) expect([expr, nodes(expr, '⚠')]).toEqual([expr, []]);
    expect(nodes('sum(x', '⚠')).not.toEqual([]);
  });

  test('asks only for series and labels that the collector exposes', () => {
    const series = new Set<string>([...Object.values(SERIES), ...Object.values(SELF_SERIES).map((name) => `${name}_total`)]);
    const labels = new Set<string>([...LEDGER_LABELS, ...Object.values(LABELS)]);
    for (const expr of expressions) {
      expect(nodes(expr, 'Identifier')).not.toEqual([]);
      expect(nodes(expr, 'Identifier').filter((name) => !series.has(name))).toEqual([]);
      expect(nodes(expr, 'LabelName').filter((name) => !labels.has(name))).toEqual([]);
    }
  });

  test('never extrapolates money, and never asks the client’s own counters', () => {
    const extrapolating = expressions.filter((expr) => /\b(rate|irate|increase|delta|idelta|deriv)\s*\(/.test(expr));
    expect(extrapolating.filter((expr) => !expr.includes(SELF_SERIES.ledgerConflicts))).toEqual([]);
    for (const name of Object.values(COMMUNITY_SERIES)) expect(expressions.filter((expr) => expr.includes(name))).toEqual([]);
  });
});

describe.each(BOARDS.map((board, index) => ({ board, model: models[index] })))('the board $board.title', ({ board, model }) => {
  const panels = panelsOf(model);
  const drawn = panels.filter(({ type }) => type !== 'row');

  test('fills its rows, and no panel covers another or leaves the grid', () => {
    for (const { title, panels: declared } of board.rows) expect([title, declared.reduce((sum, { width }) => sum + width, 0)]).toEqual([title, 24]);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('gives every panel an id, a unit, an explanation and the chosen data source', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of drawn) {
      expect(panel.description?.length).toBeGreaterThan(20);
      expect(panel.fieldConfig?.defaults?.unit).toBeTruthy();
      expect([panel.datasource, ...(panel.targets ?? []).map(({ datasource }) => datasource)]).toEqual(
        Array(1 + (panel.targets?.length ?? 0)).fill({ type: 'prometheus', uid: `\${datasource}` }),
      );
    }
  });

  test('shows every declared panel, and lets the reader narrow it', () => {
    const titles = drawn.map(({ title }) => title);
    expect(titles).toEqual(expect.arrayContaining(board.rows.flatMap((row) => row.panels.map(({ title }) => title))));
    expect(model).toMatchObject({ uid: `ledgerline-${board.id}`, schemaVersion: 42, editable: false, tags: ['ledgerline'] });
    const variables = model?.templating?.list ?? [];
    expect(variables.map(({ name }) => name)).toEqual(['datasource', 'team', 'user', 'workspace', 'model']);
    for (const variable of variables.slice(1)) expect(variable).toMatchObject({ multi: true, includeAll: true, allValue: '.*' });
  });
});

describe('a panel that /metrics cannot answer', () => {
  const panel = (query: Panel['query']): Panel => ({
    id: 'p',
    title: 't',
    description: 'd',
    visualisation: 'stat',
    unit: 'count',
    query,
    width: 6,
    height: 4,
  });

  test('stops the generation with a sentence', () => {
    expect(() => panelTargets(panel({ measures: ['cost'], by: ['skill'], window: 'range' }))).toThrow(
      'Panel p: /metrics has no label skill. It has organisation, team, user, workspace, model.',
    );
    expect(() => panelTargets(panel({ measures: ['compactions'], by: [], window: 'range' }))).toThrow(
      'Panel p: /metrics has no series for compactions.',
    );
    expect(() => panelTargets(panel({ measures: ['sessions'], by: [], window: 'today' }))).toThrow(
      'Panel p: sessions has no figures to date on /metrics; use the window "range".',
    );
  });
});

describe('every alert', () => {
  const rules = alertRules({ runbooks: 'dashboards/runbooks' }).groups.flatMap((group) => group.rules);

  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s says how bad it is, what happened and where to read on', (alert, rule) => {
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(rule.annotations.summary?.length).toBeGreaterThan(10);
    expect(rule.annotations.description?.length).toBeGreaterThan(40);
    expect(rule.annotations.runbook_url).toBe(`dashboards/runbooks/${alert}.md`);
    const runbook = readFileSync(join(ROOT, 'dashboards/runbooks', `${alert}.md`), 'utf8');
    expect(runbook).toContain(`# ${alert}\n`);
    expect(runbook).toContain('**What to do.**');
  });

  test('has a runbook, and every runbook has its alert', () => {
    expect(readdirSync(join(ROOT, 'dashboards/runbooks')).sort()).toEqual(
      Object.values(ALERTS)
        .map((alert) => `${alert}.md`)
        .sort(),
    );
  });
});
