/** A color belongs to a value: whatever else is shown beside it, in whatever order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DimensionName } from '../../../collector/catalog/measures.ts';
import type { PanelData, SeriesLine } from '../../../collector/query/boards/panel-data.ts';
import { Palette } from '../../../dashboards/web/palette.ts';

const lineOf = (value: string, dimension: DimensionName = 'team'): SeriesLine => ({
  label: value,
  filters: [{ dimension, value }],
  absent: false,
  share: null,
  total: null,
  values: [],
});
const figure = (label: string): SeriesLine => ({ ...lineOf(label), filters: [] });
const chartOf = (series: readonly SeriesLine[]): PanelData => ({
  id: 'p',
  title: 'P',
  series: { unit: 'usd', grain: 'day', starts: [], series: [...series], total: null },
});
const TEAMS = ['platform', 'search', 'web', 'mobile', 'data', 'payments', 'risk', 'ads'];

describe('the colors of values', () => {
  test('should be the same on every board, in every order and in every browser', () => {
    const alone = TEAMS.map((team) => new Palette().colorOf(lineOf(team)));
    const lines = TEAMS.map((team) => lineOf(team));
    const forward = new Palette(chartOf(lines));
    const backward = new Palette(chartOf(lines.toReversed()));
    expect(lines.map((line) => forward.colorOf(line))).toEqual(lines.map((line) => backward.colorOf(line)));
    const hueOf = (name: string): string => /^--hue-\d/.exec(name)?.[0] ?? name;
    expect(lines.map((line) => hueOf(forward.colorOf(line)))).toEqual(alone.map(hueOf));
  });

  test('should be written here, so that a change of the function that finds them is noticed', () => {
    expect(TEAMS.map((team) => [team, new Palette().colorOf(lineOf(team))])).toMatchInlineSnapshot(`
[
  [
    "platform",
    "--hue-6",
  ],
  [
    "search",
    "--hue-1-pale",
  ],
  [
    "web",
    "--hue-7-deep",
  ],
  [
    "mobile",
    "--hue-1",
  ],
  [
    "data",
    "--hue-5-pale",
  ],
  [
    "payments",
    "--hue-3",
  ],
  [
    "risk",
    "--hue-2",
  ],
  [
    "ads",
    "--hue-1-deep",
  ],
]
`);
  });

  test('should differ within a chart, however many values fall on one', () => {
    for (let count = 2; count <= 24; count++) {
      const lines = Array.from({ length: count }, (_, index) => lineOf(`user-${index}@example.com`, 'user'));
      const palette = new Palette(chartOf(lines));
      expect(new Set(lines.map((line) => palette.colorOf(line))).size).toBe(count);
    }
  });

  test('should be fixed for classes of tokens, families of models, the rest and what is not known', () => {
    const palette = new Palette();
    const tokens = ['Input tokens', 'Output tokens', 'Cache read tokens', 'Cache write tokens'].map((label) => palette.colorOf(figure(label)));
    expect(tokens).toEqual(['--hue-1', '--hue-2', '--hue-3', '--hue-4']);
    const familyOf = (model: string): string => palette.colorOf(lineOf(model, 'model')).slice(0, '--hue-1'.length);
    for (const [one, other] of [
      ['claude-opus-4-7', 'anthropic.claude-opus-5-v1:0'],
      ['claude-sonnet-4-6', 'claude-sonnet-5-5'],
    ] as const)
      expect(familyOf(one)).toBe(familyOf(other));
    expect(familyOf('claude-opus-4-7')).not.toBe(familyOf('claude-sonnet-4-6'));
    expect(palette.colorOf({ ...lineOf('other'), filters: [], rest: 12 })).toBe('--rest');
    expect(palette.colorOf({ ...lineOf('unallocated'), absent: true })).toBe('--absent');
  });

  test('should all stand in the style sheet', () => {
    const css = readFileSync(join(import.meta.dirname, '../../../dashboards/web/tokens.css'), 'utf8');
    for (let index = 0; index < 500; index++) expect(css).toContain(`${new Palette().colorOf(lineOf(`team-${index}`))}: light-dark(`);
  });
});
