/** A database for each test, and writers on it. Within a describe block. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { LedgerWriter } from '../../../collector/ledger/ledger.ts';
import { Database } from '../../../collector/storage/postgres/connection.ts';
import { openWriter } from '../../../collector/storage/postgres/ledger-writer.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { event, NOON } from '../../support/entries.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';

export const CALENDAR = { timeZone: 'UTC', weekStart: 'monday' } as const;

type WriterOptions = Parameters<typeof openWriter>[0];

export interface Writing {
  readonly server: RunningPostgres;
  readonly database: Database;
  readonly target: Target;
  open(options?: Partial<WriterOptions>): Promise<LedgerWriter>;
  count(sql: string): Promise<number>;
  /** Sums of the cost in pico-dollars, by table: of entries, of what is not moved yet, of roll-ups. */
  costs(): Promise<{ readonly entries: bigint; readonly recent: bigint; readonly day: bigint; readonly finest: bigint }>;
}

export const append = (writer: Pick<LedgerWriter, 'append'>, ...ids: string[]) =>
  writer.append({ entries: ids.map((id) => event({ id, sessionId: `s-${id}` })), receivedMs: NOON });

export function useDatabase({ slots, ...options }: PostgresOptions & { readonly slots?: number } = {}): Writing {
  let server: RunningPostgres;
  let database: Database;
  let target: Target;
  const writers: LedgerWriter[] = [];
  beforeAll(async () => {
    server = await startPostgres(options);
  });
  afterAll(() => server.destroy());
  beforeEach(async () => {
    target = targetAt(await createLedgerDatabase(server, { slots }));
    database = new Database(target, { name: 'test', max: 4, wants: 'primary', statementMs: 0 });
  });
  afterEach(async () => {
    for (const writer of writers.splice(0)) await writer.close();
    await database.close();
  });
  const count = async (sql: string) => Number((await database.rows(`SELECT count(*) AS n FROM ${sql}`))[0]?.n);
  const sum = async (table: string) => BigInt(String((await database.rows(`SELECT coalesce(sum(cost), 0) AS cost FROM ${table}`))[0]?.cost));
  return {
    get server() {
      return server;
    },
    get database() {
      return database;
    },
    get target() {
      return target;
    },
    async open(more = {}) {
      const writer = await openWriter({ ...CALENDAR, target, ...more });
      writers.push(writer);
      return writer;
    },
    count,
    async costs() {
      const [entries, recent, day, finest] = [
        await sum('entries'),
        await sum('recent'),
        await sum('rollup_day_team'),
        await sum('rollup_quarter_hour'),
      ];
      return { entries, recent, day, finest };
    },
  };
}

/** From now on this many statements that change rows of the table fail, each in its transaction. `what`: PL/pgSQL. */
export async function failAt(database: Database, table: string, times: number, what: string, when = 'AFTER'): Promise<void> {
  await database.run(`CREATE SEQUENCE fails_${table}`);
  await database.run(`CREATE FUNCTION fail_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF nextval('fails_${table}') <= ${times} THEN ${what}; END IF; RETURN NULL; END $$`);
  const [kind, timing] = when === 'COMMIT' ? ['CONSTRAINT TRIGGER', 'DEFERRABLE INITIALLY DEFERRED FOR EACH ROW'] : ['TRIGGER', 'FOR EACH STATEMENT'];
  await database.run(`CREATE ${kind} fail AFTER INSERT OR UPDATE OR DELETE ON ${table} ${timing} EXECUTE FUNCTION fail_${table}()`);
}
