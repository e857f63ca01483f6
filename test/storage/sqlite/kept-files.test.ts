import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openKeptFiles } from '../../../collector/storage/sqlite/kept-files.ts';
import { describeKeptFiles } from '../contract/kept-files.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'ledgerline-kept-'));

describeKeptFiles('a folder', () => {
  const folder = newFolder();
  return { open: () => openKeptFiles(folder), destroy: () => rmSync(folder, { recursive: true }) };
});

test('files are of this user alone, and nothing else is left behind', async () => {
  const folder = join(newFolder(), 'made');
  const files = openKeptFiles(folder);
  await Promise.all([1, 2, 3].map((index) => openKeptFiles(folder).once('a.key', () => Buffer.from(`${index}`))));
  await files.change('b', () => Buffer.from('b'));
  expect(readdirSync(folder).toSorted()).toEqual(['a.key', 'b']);
  expect([folder, join(folder, 'a.key'), join(folder, 'b')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600, 0o600]);
  rmSync(folder, { recursive: true });
});
