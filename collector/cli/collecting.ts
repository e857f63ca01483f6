/** Who writes this ledger right now? */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Config } from '../config/config.ts';
import { ledgerFileOf } from '../config/data-folder.ts';

/**
 * Does a collector hold the ledger's files? For as long as it lives nobody else may write them. Nothing is held of a ledger in a database: who
 * writes there is a replica like the others, which take notice of it.
 */
export function isHeld(config: Pick<Config, 'data' | 'storage'>): boolean {
  return config.storage.url === undefined && isLocked(`${ledgerFileOf(config)}.lock`);
}

/** Does a collector run on the ledger, wherever it runs? Rejects where the database does not say. */
export async function isCollecting(config: Config): Promise<boolean> {
  // Loaded for this alone: who asks a collector elsewhere opens no store.
  const { hasRunningReplicas } = await import('../storage/open.ts');
  return (await hasRunningReplicas(config)) ?? isHeld(config);
}

function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.prepare('SELECT COUNT(*) FROM sqlite_schema').get();
    return false;
  } catch {
    return true; // Busy: someone holds it.
  } finally {
    database.close();
  }
}
