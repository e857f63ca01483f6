import { storageSchema } from '../../../collector/config/storage.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { targetOf } from '../../../collector/storage/postgres/target.ts';

export function leaseDatabase(url: string, wants: 'primary' | 'any' = 'primary'): Database {
  const target = targetOf({ storage: storageSchema.parse({ url }) });
  if (target === undefined) throw new Error(url);
  return new Database(target, { name: 'leases of a test', max: 10, wants, statementMs: 30_000 });
}
