import { describe, expect, test } from '@jest/globals';
import { LINE_USD_MAX, STATEMENT_TEXTS, type StatementLine } from '../../../../collector/imports/statement-line.ts';
import type { StatementColumn } from '../../../../collector/imports/statements.ts';
import { seededRandom } from '../../../support/random.ts';
import { OCTOBER, putInto, type StatementSuite } from './suite.ts';

export function describeSums({ store }: StatementSuite): void {
  const put = putInto(store);
  describe('sums', () => {
    test('are those of the lines, by any columns, as of any instant', async () => {
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
        await put(lines, { day: version.day, source: version.source, atMs: at });
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
        const sums = await store().sums({ ...OCTOBER, by, asOfMs: at });
        expect(new Map(sums.map(({ key, totals: { billed: sum, tokens } }) => [JSON.stringify(key), { billed: sum, tokens }]))).toEqual(
          new Map([...expected].map(([key, { billed: sum, tokens }]) => [key, { billed: sum, tokens }])),
        );
      }
    });

    test('go beyond 64 bits', async () => {
      const most = LINE_USD_MAX * 10n ** 12n;
      await put(Array.from({ length: 30 }, (_, index) => ({ workspace: `w${index}`, billed: most - 1n, list: -most })));
      expect(await store().sums({ ...OCTOBER, by: [] })).toMatchObject([{ totals: { billed: (most - 1n) * 30n, list: most * -30n }, lines: 30 }]);
    });

    test('are of the sources, days and values that are asked for', async () => {
      await put([{ model: 'm', billed: 1n }, { model: 'n', billed: 2n }, { billed: 4n }]);
      await put([{ model: 'm', billed: 8n }], { source: 'litellm' });
      await put([{ model: 'm', billed: 16n }], { day: '2026-11-01' });
      const sum = async (query: object) => (await store().sums({ ...OCTOBER, by: [], ...query })).map(({ totals }) => totals.billed);
      expect(await sum({ sources: ['litellm'] })).toEqual([8n]);
      expect(await sum({ sources: [] })).toEqual([]);
      expect(await sum({ where: [{ column: 'model', values: ['m', ''] }] })).toEqual([13n]);
      expect(await sum({ to: '2026-12-01' })).toEqual([31n]);
      await expect(store().sums({ ...OCTOBER, by: ['model'], rowsMax: 2 })).rejects.toThrow(/more than 2 rows/);
      await expect(store().sums({ ...OCTOBER, by: ['model; DROP TABLE lines' as 'model'] })).rejects.toThrow(/have no column/);
    });

    test('of lines with the same texts are kept as one line', async () => {
      await put([
        { model: 'm', billed: 1n },
        { model: 'm', billed: 2n, tokens: 5 },
      ]);
      expect(await store().sums({ ...OCTOBER, by: [] })).toMatchObject([{ totals: { billed: 3n, tokens: 5n, requests: undefined }, lines: 1 }]);
    });
  });
}
