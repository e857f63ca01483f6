/** What every store of small files must do. A store's test file calls this with a way to open it. */
import { describe, expect, test } from '@jest/globals';
import type { KeptFiles } from '../../../collector/core/kept-files.ts';
import { type StorePlace, usePlace } from './places.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (read: Uint8Array | undefined): string | undefined => (read === undefined ? undefined : Buffer.from(read).toString('latin1'));

export function describeKeptFiles(name: string, makePlace: () => StorePlace<KeptFiles> | Promise<StorePlace<KeptFiles>>): void {
  describe(`small files: ${name}`, () => {
    const { store, open } = usePlace(makePlace);

    test('are read as they were kept, byte for byte, by everybody', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      expect(await store().read('a.key')).toBeUndefined();
      expect([...(await store().once('a.key', () => all))]).toEqual([...all]);
      expect([...((await open().read('a.key')) ?? [])]).toEqual([...all]);
      expect(await store().read('b.key')).toBeUndefined();
    });

    test('are made once, however many begin at once', async () => {
      const files = [store(), open(), open(), open()];
      const kept = await Promise.all(
        Array.from({ length: 12 }, (_, index) => files[index % files.length]?.once('a.key', () => bytes(`of ${index}`))),
      );
      expect(new Set(kept.map(text)).size).toBe(1);
      expect(text(await store().once('a.key', () => bytes('too late')))).toBe(text(kept[0]));
    });

    test('are changed as a whole, one change after the other', async () => {
      const files = [store(), open(), open()];
      const add = (index: number) => files[index % files.length]?.change('list', (before) => bytes(`${text(before) ?? ''}${index} `));
      await Promise.all(Array.from({ length: 9 }, (_, index) => add(index)));
      expect((text(await store().read('list')) ?? '').trim().split(' ').toSorted()).toEqual(Array.from({ length: 9 }, (_, index) => String(index)));
    });

    test('stay as they are where a change says so, and are not made by it', async () => {
      await store().change('none', () => undefined);
      expect(await store().read('none')).toBeUndefined();
      await store().change('one', () => bytes('kept'));
      await store().change('one', () => undefined);
      expect(text(await store().read('one'))).toBe('kept');
    });

    test('stay as they are where a change fails', async () => {
      await store().change('one', () => bytes('kept'));
      const broken = store().change('one', () => {
        throw new Error('broken off');
      });
      await expect(broken).rejects.toThrow('broken off');
      expect(text(await open().read('one'))).toBe('kept');
    });

    test('are listed by how their names begin, and removed when nobody changed them for long', async () => {
      for (const name of ['of/b', 'of/a', 'other']) await store().once(name, () => bytes(name));
      expect([...(await open().all('of/'))].map(([name, read]) => [name, text(read)])).toEqual([
        ['of/a', 'of/a'],
        ['of/b', 'of/b'],
      ]);
      await store().removeBefore('of/', Date.now() - 3_600_000);
      expect((await store().all('')).size).toBe(3);
      await store().removeBefore('of/', Date.now() + 3_600_000);
      expect([...(await store().all('')).keys()]).toEqual(['other']);
    });

    test('say where they lie', () => expect(store().placeOf('a.key')).toContain('a.key'));
  });
}
