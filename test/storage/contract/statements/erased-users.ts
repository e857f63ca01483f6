import { describe, expect, test } from '@jest/globals';
import type { StatementLine } from '../../../../collector/imports/statement-line.ts';
import { Eraser } from '../../../../collector/ledger/erasure.ts';
import { billedIn, putInto, type StatementSuite } from './suite.ts';

export function describeErasedUsers({ store, place }: StatementSuite): void {
  const put = putInto(store);
  const billed = billedIn(store);
  describe('a user who is erased', () => {
    const LINES: readonly StatementLine[] = [
      { user: 'ada@example.com', billed: 1n },
      { user: 'ada@work.example', billed: 2n },
      { user: 'mary-ada@example.com', billed: 4n },
      { apiKey: 'Ada@Example.com', workspace: 'of ada@example.com', billed: 8n },
    ];
    const eraser = new Eraser(['ada@example.com', 'ada@work.example'], 'erased-1');
    const erase = async (options = { isRemembered: true, isTrial: false }): Promise<number> => {
      const records = place().records();
      const changed = await records.erase(eraser, options);
      if (!options.isTrial) expect(await records.wipe()).toBe(true);
      await records.close();
      return changed;
    };

    test('becomes the pseudonym, also in what was replaced, and no sum moves', async () => {
      await put(LINES);
      await put(LINES.slice(0, 3), { atMs: 2 });
      expect(await erase({ isRemembered: true, isTrial: true })).toBe(3);
      expect(await billed(['user'], 1)).toHaveLength(4);
      expect(await erase()).toBe(3);
      expect(await billed(['user', 'apiKey', 'workspace'], 1)).toEqual([
        ['', 'erased-1', 'of erased-1', 8n],
        ['erased-1', '', '', 3n],
        ['mary-ada@example.com', '', '', 4n],
      ]);
      expect(await billed()).toEqual([[7n]]);
      expect(await place().holding(/(?<!mary-)ada@(example|work)/i)).toEqual([]);
    });

    test('is not brought back by the next import, and an unchanged day is still unchanged', async () => {
      await put(LINES.slice(0, 3));
      await erase();
      expect((await put(LINES.slice(0, 3), { atMs: 2 })).what).toBe('same');
      expect(await billed(['user'])).toEqual([
        ['erased-1', 3n],
        ['mary-ada@example.com', 4n],
      ]);
    });

    test('is no name behind an id any more, and does not become one again', async () => {
      const names = [
        { kind: 'user', id: 'user_1', name: 'ada@example.com' },
        { kind: 'keyOwner', id: 'apikey_1', name: 'ada@example.com' },
        { kind: 'workspace', id: 'wrkspc_1', name: 'of ada@example.com' },
      ] as const;
      await store().putNames(names);
      expect(await erase()).toBe(3);
      expect(
        [...(await store().names('user')), ...(await store().names('keyOwner')), ...(await store().names('workspace'))].map(([, name]) => name),
      ).toEqual(['erased-1', 'erased-1', 'of erased-1']);
      await store().putNames(names.slice(0, 2));
      expect([(await store().names('user')).get('user_1'), (await store().names('keyOwner')).get('apikey_1')]).toEqual(['erased-1', 'erased-1']);
    });

    test('is brought back where no digest is kept', async () => {
      await put(LINES.slice(0, 1));
      await erase({ isRemembered: false, isTrial: false });
      expect((await put(LINES.slice(0, 1), { atMs: 2 })).what).toBe('revised');
    });

    test('is found with every line', async () => {
      await put(LINES);
      const records = place().records();
      const found = await records.find(new Eraser(['ada@example.com'], ''));
      expect(found).toHaveLength(2);
      expect(found).toEqual(
        expect.arrayContaining([
          { source: 'anthropic-cost', account: undefined, day: '2026-10-03', since_ms: '1', user: 'ada@example.com', billed: '1' },
          { source: 'anthropic-cost', day: '2026-10-03', since_ms: '1', api_key: 'Ada@Example.com', workspace: 'of ada@example.com', billed: '8' },
        ]),
      );
      await records.close();
    });
  });
}
