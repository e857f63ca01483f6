/**
 * budgets.sqlite in the data folder: budgets set by API or command, raises, and who changed what. One table of entries that never
 * change; what is in force follows from them. A file of its own, so that nothing here can hold up the ledger. Any process may
 * write it, also beside a running collector.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type BudgetJournal, type BudgetWriter, emptyJournal, type JournalWithin } from '../../budgets/journal.ts';
import { LedgerlineError } from '../../core/error.ts';
import { type EntryTable, type JournalMemory, journalOver } from '../budget-journal.ts';
import { IS_IN_FORCE } from '../budgets-in-force.ts';
import { readRequest, readRequestNews, readRequests } from './budget-requests.ts';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';
import { refuseUnfinished } from './restore-journal.ts';
import { userVersion } from './schema.ts';
import { together, togetherLater } from './together.ts';
import { type TakeTurn, turnsOn } from './turns.ts';

/** 2: requests for more, with who asks and which request an entry ends. */
export const BUDGET_SCHEMA_VERSION = 2;
/** Another process that writes is done within that time. */
const BUSY_MS = 5_000;
export const ENTRIES_STAY = `CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries never change'); END;`;
/** asker: of a request, who asks. request: which request an entry ends, at most one for each. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, body TEXT, asker TEXT, request INTEGER
  );`;
const COLUMNS_SINCE_2 = ['asker TEXT', 'request INTEGER'];
const ENTRIES = `
  CREATE INDEX IF NOT EXISTS entries_by_name ON entries (name, id);
  ${ENTRIES_STAY}
  CREATE UNIQUE INDEX IF NOT EXISTS entries_end ON entries (request) WHERE request IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entries_asked ON entries (asker, id) WHERE asker IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entries_asked_at ON entries (at_ms) WHERE asker IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entries_requests ON entries (id) WHERE asker IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entries_removed ON entries (name, id) WHERE what = 'budget_removed';
  CREATE INDEX IF NOT EXISTS entries_in_force ON entries (id) WHERE ${IS_IN_FORCE};
  CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END;
  -- Who exported or erased whom: see operator-records.ts.
  CREATE TABLE IF NOT EXISTS privacy (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL);
  PRAGMA user_version = ${BUDGET_SCHEMA_VERSION};`;

/** Opens the file, or makes it. The store of alerts keeps tables of its own in it, over a connection of its own. */
export function openBudgetDatabase(file: string): DatabaseSync {
  makePrivateFolder(dirname(file));
  refuseUnfinished(dirname(file));
  makePrivateFile(file);
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    refuseNewer(file, database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(TABLE);
    migrate(database);
    database.exec(ENTRIES);
    return database;
  } catch (cause) {
    database.close();
    if (cause instanceof LedgerlineError) throw cause;
    throw new LedgerlineError('invalid', `${file} cannot be opened as the journal of budgets: ${String(cause).replace(/^Error: /, '')}.`, {
      hint: 'Check that this user may write the data folder. Restore the file from a backup, or move it away to start with the budgets of the configuration only.',
      cause,
    });
  }
}

/** Of several that open the file at once, one adds the columns. */
function migrate(database: DatabaseSync): void {
  const hasThem = (): boolean =>
    database
      .prepare('PRAGMA table_info(entries)')
      .all()
      .some(({ name }) => name === 'request');
  if (hasThem()) return;
  together(database, () => {
    if (!hasThem()) for (const column of COLUMNS_SINCE_2) database.exec(`ALTER TABLE entries ADD COLUMN ${column}`);
  });
}

function refuseNewer(file: string, database: DatabaseSync): void {
  const version = userVersion(database);
  if (version <= BUDGET_SCHEMA_VERSION) return;
  throw new LedgerlineError('invalid', `${file} was written by a newer Ledgerline: its schema is version ${version}, not ${BUDGET_SCHEMA_VERSION}.`, {
    hint: 'Start that version, or move the file away to start with the budgets of the configuration only.',
  });
}

export function openBudgetStore(file: string): BudgetWriter {
  const database = openBudgetDatabase(file);
  const take = turnsOn(file);
  const memory: JournalMemory = {};
  const within: JournalWithin = { ...journalOver(entriesIn(database, atOnce), memory), atomically: (run) => run(within) };
  return {
    ...journalOver(entriesIn(database, take), memory),
    atomically: (run) =>
      take(() =>
        togetherLater(database, () => run(within)).catch((error: unknown) => {
          // What was seen of it is no more.
          memory.known = undefined;
          throw error;
        }),
      ),
    close: () => take(() => database.close()),
  };
}

/** Within a turn. */
const atOnce: TakeTurn = async (run) => run();

/** For commands that only read: where there is no file, none is made. */
export function readBudgetJournal(file: string): BudgetJournal & Pick<BudgetWriter, 'close'> {
  return existsSync(file) ? openBudgetStore(file) : { ...emptyJournal, close: async () => undefined };
}

function entriesIn(database: DatabaseSync, take: TakeTurn): EntryTable {
  // Asked with every question of a developer. An erasure changes entries that are there.
  const revision = database.prepare(`SELECT (SELECT MAX(id) FROM entries WHERE ${IS_IN_FORCE}) AS id, (SELECT COUNT(*) FROM privacy) AS erasures`);
  const all = (sql: string, ...values: (string | number)[]) => take(() => database.prepare(sql).all(...values));
  return {
    revision: () =>
      take(() => {
        const { id, erasures } = revision.get() ?? {};
        return Number(id ?? 0) + Number(erasures ?? 0);
      }),
    inForce: () => all(`SELECT * FROM entries WHERE ${IS_IN_FORCE} ORDER BY id`),
    entries: (name) =>
      name === undefined ? all('SELECT * FROM entries ORDER BY id') : all('SELECT * FROM entries WHERE name = ? ORDER BY id', name),
    requests: (asked) => take(() => readRequests(database, asked)),
    request: (id) => take(() => readRequest(database, id)),
    news: (afterEntry) => take(() => readRequestNews(database, afterEntry)),
    requestsSince: async (ms) => Number((await all('SELECT COUNT(*) AS made FROM entries WHERE asker IS NOT NULL AND at_ms > ?', ms))[0]?.made ?? 0),
    append: ({ atMs, who, what, name, body, asker, request }) =>
      take(() => {
        const statement = database.prepare('INSERT INTO entries (at_ms, who, what, name, body, asker, request) VALUES (?, ?, ?, ?, ?, ?, ?)');
        return Number(statement.run(atMs, who, what, name, body, asker, request).lastInsertRowid);
      }),
  };
}
