/** Is a collector writing this ledger right now? It holds an exclusive lock for as long as it lives. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export function isCollecting(ledgerFile: string): boolean {
  const file = `${ledgerFile}.lock`;
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
