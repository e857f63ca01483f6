/** Short texts that replicas leave for each other, by name; the latest is kept. */
import { SECOND_MS } from '../../core/duration.ts';
import { Database } from './connection.ts';
import { storeError } from './failure.ts';
import type { Target } from './target.ts';

export interface Notes {
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}

const READ = `SELECT value FROM meta WHERE name = 'note ' || $1::text`;
const WRITE = `INSERT INTO meta (name, value) VALUES ('note ' || $1::text, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

export function openNotes(target: Target): Notes {
  const database = new Database(target, { name: 'notes', max: 1, wants: 'primary', statementMs: 5 * SECOND_MS });
  const refused = (error: unknown): never => {
    throw storeError(error);
  };
  return {
    async read(name) {
      const [row] = await database.rows(READ, [name]).catch(refused);
      return row === undefined ? undefined : String(row.value);
    },
    write: async (name, text) => void (await database.run(WRITE, [name, text]).catch(refused)),
    close: () => database.close(),
  };
}
