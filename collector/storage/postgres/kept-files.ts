/** Small files that replicas share, as rows. */
import type { KeptFiles } from '../../core/kept-files.ts';
import { BesideLedger } from './beside-ledger.ts';
import { type Sql, statement } from './connection.ts';
import type { Row } from './sql-text.ts';
import type { Target } from './target.ts';

const READ = statement('SELECT bytes FROM kept_files WHERE name = $1');
const ADD = statement('INSERT INTO kept_files (name, bytes, changed_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING');
const LOCK = statement('SELECT bytes FROM kept_files WHERE name = $1 FOR UPDATE');
const ALL = statement('SELECT name, bytes FROM kept_files WHERE starts_with(name, $1) ORDER BY name');
const REMOVE_BEFORE = statement('DELETE FROM kept_files WHERE starts_with(name, $1) AND changed_ms < $2');
const WRITE = statement('UPDATE kept_files SET bytes = $2, changed_ms = $3 WHERE name = $1');

export interface SharedFilesOptions {
  readonly now?: () => number;
  /** What the first one brings along, such as keys of a ledger that was embedded before. */
  readonly known?: Pick<KeptFiles, 'read'>;
}

/** Nothing is asked of the database before it is needed. */
export const openKeptFiles = (target: Target, options: SharedFilesOptions = {}): KeptFiles => new TableFiles(target, options);

class TableFiles implements KeptFiles {
  readonly #beside: BesideLedger;
  readonly #now: () => number;
  readonly #known: SharedFilesOptions['known'];

  constructor(target: Target, { now = Date.now, known }: SharedFilesOptions) {
    this.#beside = new BesideLedger(target, 'files');
    this.#now = now;
    this.#known = known;
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.#beside.read<Uint8Array | undefined>(undefined, (sql) => bytesOf(sql, READ, name));
  }

  async once(name: string, make: () => Uint8Array): Promise<Uint8Array> {
    const kept = await this.read(name);
    if (kept !== undefined) return kept;
    const bytes = (await this.#known?.read(name)) ?? make();
    return this.#beside.write(async (sql) => {
      await sql.run(ADD, [name, Buffer.from(bytes), this.#now()]);
      return (await bytesOf(sql, READ, name)) ?? bytes;
    });
  }

  change(name: string, change: (before: Uint8Array | undefined) => Uint8Array | undefined): Promise<void> {
    return this.#beside.write(async (sql) => {
      const isNew = (await sql.run(ADD, [name, Buffer.alloc(0), this.#now()])) === 1;
      const before = await bytesOf(sql, LOCK, name);
      const after = change(isNew ? undefined : before);
      if (after !== undefined) await sql.run(WRITE, [name, Buffer.from(after), this.#now()]);
      else if (isNew) await sql.run('DELETE FROM kept_files WHERE name = $1', [name]);
    });
  }

  async all(prefix: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const rows = await this.#beside.read<readonly Row[]>([], (sql) => sql.rows(ALL, [prefix]));
    return new Map(rows.flatMap(({ name, bytes }) => (bytes instanceof Uint8Array ? [[String(name), bytes]] : [])));
  }

  async removeBefore(prefix: string, changedMs: number): Promise<void> {
    await this.#beside.write((sql) => sql.run(REMOVE_BEFORE, [prefix, changedMs]));
  }

  placeOf(name: string): string {
    return `${name} in the table kept_files`;
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

async function bytesOf(sql: Sql, asked: typeof READ, name: string): Promise<Uint8Array | undefined> {
  const [row] = await sql.rows(asked, [name]);
  // Of bytea the driver makes a Buffer.
  return row?.bytes instanceof Uint8Array ? row.bytes : undefined;
}
