/** What only the embedded store does; what every store does is in test/storage/contract/directory/. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openDirectoryRecords } from '../../../collector/storage/sqlite/directory-erasure.ts';
import { openDirectoryStore, readDirectory } from '../../../collector/storage/sqlite/directory-store.ts';
import { filesWith } from '../../support/kept.ts';
import { describeDirectory } from '../contract/directory/directory.ts';

describeDirectory('node:sqlite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-directory-'));
  const file = join(folder, 'directory.sqlite');
  return {
    open: () => openDirectoryStore(file),
    records: () => openDirectoryRecords(file),
    holding: async (pattern) => filesWith(folder, pattern),
    destroy: () => rmSync(folder, { recursive: true }),
  };
});

test('the file is not made by who only reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-directory-'));
  const reader = readDirectory(join(folder, 'directory.sqlite'));
  expect([await reader.revision(), await reader.stored(), filesWith(folder, /^/)]).toEqual([0, { received: [], merges: [] }, []]);
  rmSync(folder, { recursive: true });
});
