/** The provider's own records: a day as a whole, what it replaced, sums, several processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LINE_USD_MAX, STATEMENT_TEXTS, type StatementLine } from '../../../collector/imports/statement-line.ts';
import type { NewDay, StatementColumn, StatementStore } from '../../../collector/imports/statements.ts';
import { Eraser } from '../../../collector/ledger/erasure.ts';
import { openStatementRecords } from '../../../collector/storage/sqlite/statement-erasure.ts';
import { openStatementStore, readStatements } from '../../../collector/storage/sqlite/statement-store.ts';
import { usd } from '../../support/entries.ts';
import { filesWith } from '../../support/kept.ts';
import { seededRandom } from '../../support/random.ts';

const OCTOBER = { from: '2026-10-01', to: '2026-11-01' };
let folder: string;
let file: string;
let store: StatementStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-statements-'));
  file = join(folder, 'statements.sqlite');
  store = openStatementStore(file);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (lines: readonly StatementLine[], { atMs = 1, ...day }: Partial<NewDay> & { readonly atMs?: number } = {}) =>
  store.replaceDay({ source: 'anthropic-cost', account: '', day: '2026-10-03', isComplete: true, askedMs: atMs, nowMs: atMs, lines, ...day });
const billed = (by: readonly StatementColumn[] = [], asOfMs?: number) =>
  store.sums({ ...OCTOBER, by, asOfMs }).map(({ key, totals }) => [...key, totals.billed]);

describe('a day', () => {
  test('is there once, however often it is brought', () => {
    const lines = [{ model: 'claude-opus-5-5', billed: usd('1.50'), tokens: 7 }, { billed: usd('0.25') }];
    expect(put(lines)).toMatchObject({ what: 'new', lines: 2, after: { billed: usd('1.75'), list: undefined, tokens: 7n } });
    expect(put(lines.toReversed(), { atMs: 5 })).toMatchObject({ what: 'same', lines: 2 });
    expect(billed()).toEqual([[usd('1.75')]]);
    expect(store.versions(OCTOBER)).toMatchObject([{ sinceMs: 1, untilMs: undefined, checkedMs: 5, lines: 2, isComplete: true }]);
  });

  test('is replaced as a whole, and what it replaced stays with from when to when', () => {
    put([
      { workspace: 'a', billed: usd('1') },
      { workspace: 'b', billed: usd('2') },
    ]);
    put([{ workspace: 'a', billed: usd('9') }], { day: '2026-10-04' });
    const outcome = put([{ workspace: 'b', billed: usd('3') }], { atMs: 5 });
    expect(outcome).toMatchObject({ what: 'revised', lines: 1, before: { billed: usd('3') }, after: { billed: usd('3') } });
    expect(billed(['day', 'workspace'])).toEqual([
      ['2026-10-03', 'b', usd('3')],
      ['2026-10-04', 'a', usd('9')],
    ]);
    expect([0, 1, 4, 5].map((ms) => billed(['workspace'], ms))).toEqual([
      [],
      [
        ['a', usd('10')],
        ['b', usd('2')],
      ],
      [
        ['a', usd('10')],
        ['b', usd('2')],
      ],
      [
        ['a', usd('9')],
        ['b', usd('3')],
      ],
    ]);
    expect(store.versions(OCTOBER).map(({ day, sinceMs, untilMs }) => [day, sinceMs, untilMs])).toEqual([
      ['2026-10-03', 1, 5],
      ['2026-10-04', 1, undefined],
      ['2026-10-03', 5, undefined],
    ]);
  });

  test('without lines is there, too, and says so', () => {
    put([]);
    expect(store.days(OCTOBER)).toMatchObject([{ source: 'anthropic-cost', day: '2026-10-03', lines: 0, totals: { billed: undefined } }]);
    expect(put([{ billed: 1n }], { atMs: 2 }).what).toBe('revised');
    expect(put([], { atMs: 3 })).toMatchObject({ what: 'revised', before: { billed: 1n }, after: { billed: undefined } });
  });

  test('that another run asked for later is not replaced by what was asked for before', () => {
    put([{ billed: usd('2') }], { atMs: 10 });
    expect(put([{ billed: usd('1') }], { askedMs: 9, nowMs: 11 })).toMatchObject({ what: 'outdated', after: { billed: usd('2') } });
    expect(billed()).toEqual([[usd('2')]]);
  });

  test('has one version at each instant, whatever the clock does', () => {
    put([{ billed: 1n }], { atMs: 10 });
    put([{ billed: 2n }], { askedMs: 10, nowMs: 3 });
    expect([9, 10, 11].map((ms) => billed([], ms))).toEqual([[], [[1n]], [[2n]]]);
  });

  test('that was not complete becomes it, though its lines stay the same', () => {
    put([{ billed: 1n }], { isComplete: false });
    expect(put([{ billed: 1n }], { atMs: 2 }).what).toBe('same');
    expect(store.days(OCTOBER)).toMatchObject([{ isComplete: true }]);
    put([{ billed: 1n }], { atMs: 3, isComplete: false });
    expect(store.days(OCTOBER)).toMatchObject([{ isComplete: true }]);
  });

  test('of one account leaves that of another alone', () => {
    put([{ billed: 1n }]);
    put([{ billed: 2n }], { account: 'lab', atMs: 2 });
    expect(billed(['account'])).toEqual([
      ['', 1n],
      ['lab', 2n],
    ]);
    expect(store.origins()).toEqual([
      { source: 'anthropic-cost', account: '' },
      { source: 'anthropic-cost', account: 'lab' },
    ]);
  });

  test('that breaks off while it is read is not there at all', () => {
    put([{ billed: 1n }]);
    function* broken(): Iterable<StatementLine> {
      yield { billed: 5n };
      throw new Error('broken off');
    }
    expect(() => put([], { lines: broken(), atMs: 2 })).toThrow('broken off');
    expect([billed(), store.versions(OCTOBER).length]).toEqual([[[1n]], 1]);
  });

  test('with an impossible amount is refused as a whole', () => {
    const huge = 9_300_000n * 10n ** 12n;
    expect(() => put([{ billed: 1n }, { billed: huge }])).toThrow(/amount beyond 9000000 USD/);
    expect(() => put([{ billed: LINE_USD_MAX * 10n ** 12n }, { billed: LINE_USD_MAX * 10n ** 12n }])).toThrow(/beyond 9000000 USD/);
    expect(store.days(OCTOBER)).toEqual([]);
  });
});

describe('sums', () => {
  test('are those of the lines, by any columns, as of any instant', () => {
    const random = seededRandom('statement sums');
    const versions: { readonly at: number; readonly day: string; readonly source: string; readonly lines: StatementLine[] }[] = [];
    const text = (name: string): string => (random.chance(0.3) ? '' : `${name}-${random.below(3)}`);
    for (let at = 1; at <= 40; at++) {
      const lines = Array.from(
        { length: random.below(12) },
        (): StatementLine => ({
          ...Object.fromEntries(STATEMENT_TEXTS.map((name) => [name, text(name)])),
          billed: BigInt(random.below(1_000_000_000)) * 8_000_000_001n - 4_000n * 10n ** 15n,
          ...(random.chance(0.5) && { tokens: random.below(1e9) }),
        }),
      );
      const version = { at, day: `2026-10-0${1 + random.below(4)}`, source: random.pick(['a', 'b']), lines };
      versions.push(version);
      put(lines, { day: version.day, source: version.source, atMs: at });
    }
    for (let asked = 0; asked < 60; asked++) {
      const at = 1 + random.below(40);
      const by = random.shuffle<StatementColumn>(['source', 'day', ...STATEMENT_TEXTS]).slice(0, random.below(4));
      const newest = new Map(versions.filter((version) => version.at <= at).map((version) => [`${version.source} ${version.day}`, version]));
      const expected = new Map<string, { billed: bigint; tokens: bigint | undefined; lines: number }>();
      for (const { source, day, lines } of newest.values()) {
        for (const line of lines) {
          const key = JSON.stringify(by.map((column) => (column === 'source' ? source : column === 'day' ? day : line[column as 'model'])));
          const sum = expected.get(key) ?? { billed: 0n, tokens: undefined, lines: 0 };
          const tokens = line.tokens === undefined ? sum.tokens : (sum.tokens ?? 0n) + BigInt(line.tokens);
          expected.set(key, { billed: sum.billed + (line.billed ?? 0n), tokens, lines: sum.lines + 1 });
        }
      }
      const sums = store.sums({ ...OCTOBER, by, asOfMs: at });
      expect(new Map(sums.map(({ key, totals: { billed: sum, tokens } }) => [JSON.stringify(key), { billed: sum, tokens }]))).toEqual(
        new Map([...expected].map(([key, { billed: sum, tokens }]) => [key, { billed: sum, tokens }])),
      );
    }
  });

  test('go beyond 64 bits', () => {
    const most = LINE_USD_MAX * 10n ** 12n;
    put(Array.from({ length: 30 }, (_, index) => ({ workspace: `w${index}`, billed: most - 1n, list: -most })));
    expect(store.sums({ ...OCTOBER, by: [] })).toMatchObject([{ totals: { billed: (most - 1n) * 30n, list: most * -30n }, lines: 30 }]);
  });

  test('are of the sources, days and values that are asked for', () => {
    put([{ model: 'm', billed: 1n }, { model: 'n', billed: 2n }, { billed: 4n }]);
    put([{ model: 'm', billed: 8n }], { source: 'litellm' });
    put([{ model: 'm', billed: 16n }], { day: '2026-11-01' });
    const sum = (query: object) => store.sums({ ...OCTOBER, by: [], ...query }).map(({ totals }) => totals.billed);
    expect(sum({ sources: ['litellm'] })).toEqual([8n]);
    expect(sum({ sources: [] })).toEqual([]);
    expect(sum({ where: [{ column: 'model', values: ['m', ''] }] })).toEqual([13n]);
    expect(sum({ to: '2026-12-01' })).toEqual([31n]);
    expect(() => store.sums({ ...OCTOBER, by: ['model'], rowsMax: 2 })).toThrow(/more than 2 rows/);
    expect(() => store.sums({ ...OCTOBER, by: ['model; DROP TABLE lines' as 'model'] })).toThrow(/have no column/);
  });

  test('of lines with the same texts are kept as one line', () => {
    put([
      { model: 'm', billed: 1n },
      { model: 'm', billed: 2n, tokens: 5 },
    ]);
    expect(store.sums({ ...OCTOBER, by: [] })).toMatchObject([{ totals: { billed: 3n, tokens: 5n, requests: undefined }, lines: 1 }]);
  });
});

describe('the file', () => {
  test('is shared: each sees what the other has written', () => {
    const other = openStatementStore(file);
    put([{ billed: 1n }]);
    expect(other.days(OCTOBER)).toHaveLength(1);
    other.replaceDay({ source: 'anthropic-cost', account: '', day: '2026-10-03', lines: [{ billed: 2n }], isComplete: true, askedMs: 2, nowMs: 2 });
    other.close();
    expect(billed()).toEqual([[2n]]);
  });

  test('is not made by who only reads', () => {
    const none = join(folder, 'none', 'statements.sqlite');
    const reader = readStatements(none);
    expect([reader.sums({ ...OCTOBER, by: [] }), reader.days(OCTOBER), reader.origins()]).toEqual([[], [], []]);
    expect(filesWith(folder, /^/)).not.toContain('none');
  });

  test('of the version before gains what it lacks, and keeps its lines', () => {
    put([{ billed: 7n }]);
    store.close();
    const database = new DatabaseSync(file);
    database.exec('DROP TABLE names; PRAGMA user_version = 1');
    database.close();
    store = openStatementStore(file);
    store.putNames([{ kind: 'workspace', id: 'w', name: 'W' }]);
    expect([billed(), store.names('workspace').get('w')]).toEqual([[[7n]], 'W']);
  });

  test('of a newer version is refused', () => {
    store.close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openStatementStore(file)).toThrow(/newer Ledgerline: its schema is version 99/);
    rmSync(file);
    store = openStatementStore(file);
  });

  test('remembers runs', () => {
    const origin = { source: 'litellm', account: '' };
    const id = store.beginRun(origin, OCTOBER, 5);
    expect(store.runs(origin, 9)).toMatchObject([{ id, outcome: 'running', range: OCTOBER, endedMs: undefined }]);
    store.endRun(id, { outcome: 'failed', days: 2, revised: 1, lines: 7, remarks: ['No key.'], nowMs: 8 });
    expect(store.runs(origin, 9)).toEqual([
      { id, startedMs: 5, endedMs: 8, range: OCTOBER, outcome: 'failed', days: 2, revised: 1, lines: 7, remarks: ['No key.'] },
    ]);
    expect(store.origins()).toEqual([origin]);
  });
});

describe('a user who is erased', () => {
  const LINES: readonly StatementLine[] = [
    { user: 'ada@example.com', billed: 1n },
    { user: 'ada@work.example', billed: 2n },
    { user: 'mary-ada@example.com', billed: 4n },
    { apiKey: 'Ada@Example.com', workspace: 'of ada@example.com', billed: 8n },
  ];
  const eraser = new Eraser(['ada@example.com', 'ada@work.example'], 'erased-1');
  const erase = (options = { isRemembered: true, isTrial: false }): number => {
    const records = openStatementRecords(file);
    const changed = records.erase(eraser, options);
    if (!options.isTrial) expect(records.wipe()).toBe(true);
    records.close();
    return changed;
  };

  test('becomes the pseudonym, also in what was replaced, and no sum moves', () => {
    put(LINES);
    put(LINES.slice(0, 3), { atMs: 2 });
    expect(erase({ isRemembered: true, isTrial: true })).toBe(3);
    expect(billed(['user'], 1)).toHaveLength(4);
    expect(erase()).toBe(3);
    expect(billed(['user', 'apiKey', 'workspace'], 1)).toEqual([
      ['', 'erased-1', 'of erased-1', 8n],
      ['erased-1', '', '', 3n],
      ['mary-ada@example.com', '', '', 4n],
    ]);
    expect(billed()).toEqual([[7n]]);
    expect(filesWith(folder, /(?<!mary-)ada@(example|work)/i)).toEqual([]);
  });

  test('is not brought back by the next import, and an unchanged day is still unchanged', () => {
    put(LINES.slice(0, 3));
    erase();
    expect(put(LINES.slice(0, 3), { atMs: 2 }).what).toBe('same');
    expect(billed(['user'])).toEqual([
      ['erased-1', 3n],
      ['mary-ada@example.com', 4n],
    ]);
  });

  test('is no name behind an id any more, and does not become one again', () => {
    const names = [
      { kind: 'user', id: 'user_1', name: 'ada@example.com' },
      { kind: 'keyOwner', id: 'apikey_1', name: 'ada@example.com' },
      { kind: 'workspace', id: 'wrkspc_1', name: 'of ada@example.com' },
    ] as const;
    store.putNames(names);
    expect(erase()).toBe(3);
    expect([...store.names('user'), ...store.names('keyOwner'), ...store.names('workspace')].map(([, name]) => name)).toEqual([
      'erased-1',
      'erased-1',
      'of erased-1',
    ]);
    store.putNames(names.slice(0, 2));
    expect([store.names('user').get('user_1'), store.names('keyOwner').get('apikey_1')]).toEqual(['erased-1', 'erased-1']);
  });

  test('is brought back where no digest is kept', () => {
    put(LINES.slice(0, 1));
    erase({ isRemembered: false, isTrial: false });
    expect(put(LINES.slice(0, 1), { atMs: 2 }).what).toBe('revised');
  });

  test('is found with every line', () => {
    put(LINES);
    const records = openStatementRecords(file);
    expect(records.find(new Eraser(['ada@example.com'], ''))).toEqual([
      { source: 'anthropic-cost', account: undefined, day: '2026-10-03', since_ms: '1', user: 'ada@example.com', billed: '1' },
      { source: 'anthropic-cost', day: '2026-10-03', since_ms: '1', api_key: 'Ada@Example.com', workspace: 'of ada@example.com', billed: '8' },
    ]);
    records.close();
  });
});
