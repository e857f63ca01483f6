import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { Board, LedgerQuery, Panel } from '../../collector/catalog/panel.ts';
import { exposedFamilies, type FamilyChoices } from '../../collector/catalog/series-families.ts';
import { DEVELOPER } from '../../dashboards/boards/developer.ts';
import { FEATURES } from '../../dashboards/boards/features.ts';
import { MODELS } from '../../dashboards/boards/models.ts';
import { OVERVIEW } from '../../dashboards/boards/overview.ts';
import { build, GENERATED } from '../../dashboards/build.ts';
import { renderGrafana } from '../../dashboards/grafana/board.ts';
import { offeredBy } from '../../dashboards/grafana/offered.ts';
import { panelTargets as targetsOf } from '../../dashboards/grafana/promql.ts';
import { ALL_FAMILIES } from '../../dashboards/grafana/surroundings.ts';

const panelTargets = (panel: Panel, variables: readonly VariableName[] = [], families = ALL_FAMILIES) => targetsOf(panel, { variables, families });

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

describe('a panel reads the smallest family that knows what its board can be narrowed by', () => {
  const total = (window: LedgerQuery['window'], variables: readonly VariableName[]): string => {
    const panel = { id: 'p', title: 't', description: 'd', unit: 'usd', width: 6, height: 4, visualization: 'stat' } as const;
    const [target] = panelTargets({ ...panel, query: { source: 'ledger', figures: ['cost'], by: [], window } }, variables);
    return /ledgerline_(?:\w+_)?cost\w*\{(?:[^{}]|\$\{[^}]*\})*\}/.exec(target?.expr ?? '')?.[0] ?? '';
  };

  const chosen = (name: string): string => `${name}=~\`\${${name}:regex}\``;

  test.each([
    ['ever', ['organization', 'team'], `ledgerline_team_cost_usd{${chosen('organization')},${chosen('team')}}`],
    ['ever', ['organization', 'model'], `ledgerline_model_cost_usd{${chosen('organization')},${chosen('model')}}`],
    ['ever', ['organization', 'team', 'user'], `ledgerline_user_cost_usd{${chosen('organization')},${chosen('team')},${chosen('user')}}`],
    ['this_month', ['team', 'model'], `ledgerline_team_model_cost_period_usd{period="month",${chosen('team')},${chosen('model')}}`],
    ['this_month', ['workspace'], `ledgerline_workspace_cost_period_usd{period="month",${chosen('workspace')}}`],
  ] as const)('%s by %j', (window, variables, expected) => {
    expect(total(window, variables)).toBe(expected);
  });

  test('and stops the generation where there is none', () => {
    expect(() => total('ever', ['user', 'workspace'])).toThrow('Panel p: /metrics has no series of cost that can be narrowed by user, workspace.');
  });
});

describe('boards offer what the configuration exposes', () => {
  const offered = (board: Board, choices: Partial<FamilyChoices>) => offeredBy(board, exposedFamilies({ without: [], by_team: [], ...choices }));

  test('without labels that were left out', () => {
    expect(offered(DEVELOPER, {})).toEqual(['organization', 'team', 'user']);
    expect(offered(DEVELOPER, { without: ['user'] })).toEqual(['organization', 'team']);
  });

  test('with the team where it was added', () => {
    expect(offered(FEATURES, {})).toEqual(['organization']);
    expect(offered(FEATURES, { by_team: ['feature'] })).toEqual(['organization', 'team']);
    expect(offered(MODELS, { by_team: ['model'] })).toEqual(['organization', 'team', 'model']);
  });
});
