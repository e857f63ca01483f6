/** Whether a replica can do what it is asked to, where the ledger is kept. */
import type { Config } from './config.ts';
import type { Mistake } from './mistakes.ts';

/** Files can be written by one process only. */
export function roleMistakes({ role, storage }: Pick<Config, 'role' | 'storage'>): readonly Mistake[] {
  if (role === 'all' || storage.url !== undefined) return [];
  const sentence = `is "${role}", but the ledger is in files, which one process keeps for itself; set storage.url to a PostgreSQL database, or use the role all`;
  return [{ path: ['role'], about: 'value', sentence }];
}
