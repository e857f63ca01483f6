import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { exposedFamilies } from '../../collector/catalog/series-families.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { build, GENERATED } from '../../dashboards/build.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';

const ROOT = join(import.meta.dirname, '../..');

test('what is generated lies in the repository as the declarations make it, and nothing else does', () => {
  const built = build();
  const committed = readdirSync(join(ROOT, GENERATED), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
  expect(committed.sort()).toEqual([...built.keys()].sort());
  for (const [path, content] of built) expect([path, readFileSync(join(ROOT, path), 'utf8') === content]).toEqual([path, true]);
});

describe('a panel that /metrics cannot answer', () => {
  const panel = (query: Omit<LedgerQuery, 'source' | 'by'> & Partial<LedgerQuery>): Panel => ({
    id: 'p',
    title: 't',
    description: 'd',
    visualization: 'stat',
    unit: 'count',
    query: { source: 'ledger', by: [], ...query },
    width: 6,
    height: 4,
  });

  test('stops the generation with a sentence', () => {
    const bars = (query: Parameters<typeof panel>[0]): Panel => ({ ...panel(query), visualization: 'bars' });
    expect(() => panelTargets(bars({ figures: ['cost'], by: ['skill', 'agent'], window: 'range' }))).toThrow(
      'Panel p: /metrics has no series of cost by skill, agent.',
    );
    expect(() => panelTargets(bars({ figures: ['compactions'], by: ['user'], window: 'range' }))).toThrow(
      'Panel p: /metrics has no series of compactions by user.',
    );
    expect(() => panelTargets(panel({ figures: ['sessions'], window: 'today' }))).toThrow(
      'Panel p: /metrics has no series of sessions for the period day; the window "range" may have it.',
    );
    const gauge: Panel = {
      ...panel({ figures: [], window: 'range' }),
      query: { source: 'gauge', gauges: ['new_users'], by: ['user'], reduce: 'sum' },
    };
    expect(() => panelTargets(gauge)).toThrow('Panel p: the gauge new_users has no label user. It has organization, team.');
  });

  test('says so on the board when it is the operator who left labels out', () => {
    const families = exposedFamilies({ without: ['user'], by_team: [] });
    const { panels = [] } = renderGrafana(OVERVIEW, { timeZone: 'UTC', weekStart: 'monday', families });
    const byUser = panels.find((shown) => shown.title === 'Spend by user');
    expect(byUser).toMatchObject({ type: 'text', options: { content: expect.stringContaining('exposition.without') } });
    expect(panels.find((shown) => shown.title === 'Spend by team')).toMatchObject({ type: 'bargauge' });
  });
});

describe('narrowing', () => {
  const panel = { id: 'p', title: 't', description: 'd', unit: 'usd', width: 6, height: 4 } as const;
  const total = (window: LedgerQuery['window']): string =>
    panelTargets({ ...panel, visualization: 'stat', query: { source: 'ledger', figures: ['cost'], by: [], window } })[0]?.expr ?? '';
  const order = (expr: string): string[] => [...new Set([...expr.matchAll(/ledgerline_(?:\w+_)?cost\w*/g)].map(([name]) => name))];

  test('asks people first, then workspaces, then models and teams, and none that adds nothing', () => {
    expect(order(total('ever'))).toEqual(['ledgerline_cost_usd', 'ledgerline_workspace_model_cost_usd']);
    expect(order(total('this_month'))).toEqual(['ledgerline_cost_period_usd', 'ledgerline_workspace_model_cost_period_usd']);
    expect(order(total('last_month_to_date'))).toEqual(['ledgerline_model_cost_period_usd', 'ledgerline_team_cost_period_usd']);
  });

  test('also by team where the operator has features told apart by it', () => {
    const withoutSkill: Panel = {
      ...panel,
      visualization: 'stat',
      query: { source: 'ledger', figures: ['cost'], by: ['skill'], window: 'range', summary: 'absent_share' },
    };
    const answers = (by_team: readonly 'feature'[]): string =>
      panelTargets(withoutSkill, exposedFamilies({ without: [], by_team: [...by_team] }))[0]?.expr ?? '';
    expect(answers([])).toContain('ledgerline_build_info{team=~');
    expect(answers(['feature'])).not.toContain('ledgerline_build_info{team=~');
    expect(answers(['feature'])).toContain('ledgerline_build_info{workspace=~');
  });
});
