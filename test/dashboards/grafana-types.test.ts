/** Every generated dashboard fits the types that Grafana itself is built with (@grafana/schema): options, field configuration, variables, rows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BOARD_FOLDERS, GENERATED } from '../../dashboards/build.ts';
import { typeErrors } from './grafana-types.ts';

const FOLDERS = Object.values(BOARD_FOLDERS).map((name) => join(import.meta.dirname, '../..', GENERATED, name));
const models = FOLDERS.flatMap((folder) => readdirSync(folder).map((file): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))));

test('Grafana’s types accept every board', async () => {
  expect(models.length).toBeGreaterThan(20);
  expect(await typeErrors(models)).toEqual([]);
}, 240_000);

test('and refuse what they do not have: keys, values, missing keys', async () => {
  const row = { type: 'row', id: 1, title: 'r', collapsed: false, panels: [] };
  const stat = {
    type: 'stat',
    title: 's',
    options: { colorMode: 'nonne', reduceOptions: { calcs: ['lastNotNull'] } },
    fieldConfig: {
      defaults: { unit: 'short', colour: 'red' },
      overrides: [{ matcher: { id: 'byName', options: 'x' }, properties: [{ id: 'thresholds', value: { mode: 'relative', steps: [] } }] }],
    },
  };
  const errors = await typeErrors([
    { title: 'b', schemaVersion: 42, annotations: { list: [] }, templating: { list: [{ name: 'v', type: 'qery' }] }, panels: [row, stat] },
  ]);
  expect(errors).toEqual([
    expect.stringContaining('b (Variable) error'),
    expect.stringContaining('b / s (statOptions) error'),
    expect.stringContaining('\'"colour"\' does not exist'),
    expect.stringContaining('b / s: thresholds'),
  ]);
}, 240_000);
