import { expect, test } from '@jest/globals';
import { loadConfig } from '../../collector/config/load.ts';

const env = { LEDGERLINE_STORAGE_URL: 'postgres://ledgerline@localhost/ledger' };

test('a replica does everything unless it is asked to do a part', () => {
  expect(loadConfig({ env: {} }).role).toBe('all');
  expect(loadConfig({ env: { ...env, LEDGERLINE_ROLE: 'worker' } }).role).toBe('worker');
  expect(loadConfig({ env: { ...env, LEDGERLINE_ROLE: 'worker' }, flags: { '--role': 'reader' } }).role).toBe('reader');
});

test('a part needs a ledger that replicas can share', () => {
  expect(() => loadConfig({ env: {}, flags: { '--role': 'receiver' } })).toThrow(
    '--role: is "receiver", but the ledger is in files, which one process keeps for itself; set storage.url to a PostgreSQL database, or use the role all',
  );
});

test('a role that there is not is named with those that there are', () => {
  expect(() => loadConfig({ env, flags: { '--role': 'writer' } })).toThrow(/--role: .*receiver.*reader.*worker/);
});
