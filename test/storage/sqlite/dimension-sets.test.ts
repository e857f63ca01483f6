import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { DIMENSION_NAMES, type DimensionName } from '../../../collector/catalog/measures.ts';
import { OTHER } from '../../../collector/catalog/values.ts';
import { DimsTable } from '../../../collector/storage/sqlite/dimension-sets.ts';
import { migrate } from '../../../collector/storage/sqlite/schema.ts';
import { NOON } from '../../support/entries.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TEAM = ['team'] as const;

describe('values of dimensions', () => {
  let database: DatabaseSync;
  let dims: DimsTable;
  let refused: DimensionName[];
  beforeEach(() => {
    database = new DatabaseSync(':memory:');
    migrate(database);
    refused = [];
    dims = new DimsTable(database, (name) => refused.push(name));
    dims.begin(NOON);
  });

  const combination = (values: Partial<Record<DimensionName, string>>) => DIMENSION_NAMES.map((name) => values[name] ?? '');
  const team = (name: string, bringer = { sender: name, spends: true }) => dims.value(dims.idOf(combination({ team: name }), bringer), 'team');
  const invent = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => team(`${prefix} ${index}`)).filter((name) => name !== OTHER);

  test('of teams, half are taken at once and the others by the hour, so that invented names leave room for real ones', () => {
    expect(team('real')).toBe('real');
    expect(invent(10_000, 'invented')).toHaveLength(5_099);
    expect([team('real'), team('new')]).toEqual(['real', OTHER]);
    dims.begin(NOON + HOUR);
    expect(team('new')).toBe('new');
    expect(refused).toHaveLength(4_902);
  });

  test('that are not seen for 30 days make room, others do not, and what was booked under them stays', () => {
    const named = (name: string) => dims.idOf(combination({ effort: name }), { sender: name, spends: true });
    const effort = (name: string) => dims.value(named(name), 'effort');
    const ids = Array.from({ length: 100 }, (_, index) => named(`e${index}`));
    expect([effort('new'), effort('e0')]).toEqual([OTHER, 'e0']);
    dims.begin(NOON + 20 * DAY);
    expect([effort('new'), effort('e0')]).toEqual([OTHER, 'e0']);
    dims.begin(NOON + 31 * DAY);
    expect([effort('new'), effort('e0')]).toEqual(['new', 'e0']);
    const [, gone = 0] = ids;
    expect(dims.value(dims.project(gone, ['effort']), 'effort')).toBe('e1');
    expect(database.prepare(`SELECT COUNT(*) AS n FROM dimension_values WHERE dimension = 'effort'`).get()).toEqual({ n: 2 });
  });

  test('a failed transaction takes back what it handed out, and reads nothing else again', () => {
    const kept = dims.idOf(combination({ team: 'kept', effort: 'low' }));
    dims.begin(NOON);
    database.exec('BEGIN');
    const lost = dims.idOf(combination({ team: 'lost' }));
    expect(dims.value(dims.project(lost, TEAM), 'team')).toBe('lost');
    database.exec('ROLLBACK');
    dims.forget();
    // What is read from here on is not there.
    database.exec('ALTER TABLE dimension_values RENAME TO elsewhere');
    expect(dims.idOf(combination({ team: 'kept', effort: 'low' }))).toBe(kept);
    database.exec('ALTER TABLE elsewhere RENAME TO dimension_values');
    dims.begin(NOON);
    const again = dims.idOf(combination({ team: 'lost' }));
    expect(database.prepare('SELECT team FROM dims WHERE id = ?').get(again)).toEqual({ team: 'lost' });
    expect(database.prepare(`SELECT value FROM dimension_values WHERE value = 'lost'`).all()).toHaveLength(1);
  });
});
