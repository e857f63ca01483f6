/** The section `imports`: what it takes, and what it says of mistakes. */
import { expect, test } from '@jest/globals';
import { defaultImport, FILE_SOURCES, IMPORT_SOURCES, importsSchema } from '../../collector/config/imports.ts';

const mistakes = (entries: unknown): string[] =>
  importsSchema.safeParse(entries).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];

test('every source has defaults', () => {
  for (const source of IMPORT_SOURCES) {
    const isOfFiles = FILE_SOURCES.some((one) => one === source);
    expect(defaultImport(source)).toMatchObject(isOfFiles ? { source } : { source, revised_days: 30 });
  }
  expect(defaultImport('anthropic-analytics')).toMatchObject({ group_by: ['actor', 'model', 'product', 'speed', 'workspace_id'] });
});

test('several accounts of one source have names of their own', () => {
  expect(mistakes([{ source: 'anthropic-cost' }, { source: 'anthropic-cost', account: 'lab' }, { source: 'anthropic-usage' }])).toEqual([]);
  expect(mistakes([{ source: 'anthropic-cost' }, { source: 'anthropic-cost' }])).toEqual(['1.source is there twice: give each a name in account']);
});

test.each([
  [{ source: 'anthropic' }, /source/],
  [{ source: 'anthropic-cost', url: 'http://example.com' }, /0\.url must be an address that begins with https/],
  [{ source: 'anthropic-cost', key_file: 'https://example.com/key' }, /0\.key_file must be the name of a file/],
  [{ source: 'anthropic-cost', schedule: 'daily' }, /0\.schedule must be a cron expression of five fields/],
  [{ source: 'anthropic-cost', group_by: ['model'] }, /Unrecognized key/],
  [{ source: 'anthropic-cost', account: 'Two Words' }, /0\.account must be lower-case/],
  [{ source: 'anthropic-analytics', group_by: ['actor', 'model', 'product', 'speed', 'workspace_id', 'api_key_id'] }, /0\.group_by/],
  [{ source: 'anthropic-analytics', group_by: ['rbac_group_id'] }, /0\.group_by\.0/],
])('a mistake is said: %j', (entry, words) => {
  expect(mistakes([entry]).join('\n')).toMatch(words);
});
