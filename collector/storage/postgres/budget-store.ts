/**
 * The journal of budgets in the database: entries that never change. Whoever writes locks one row first, so that entries and revisions are
 * numbered in the order in which they are committed, however many replicas write.
 */
import type { BudgetJournal, BudgetWriter, JournalWithin } from '../../budgets/journal.ts';
import { type EntryTable, type JournalMemory, journalOver } from '../budget-journal.ts';
import type { NewEntry } from '../budget-rows.ts';
import { IS_IN_FORCE, isInForce } from '../budgets-in-force.ts';
import { BesideLedger } from './beside-ledger.ts';
import { countRequestsSince, readRequest, readRequestNews, readRequests } from './budget-requests.ts';
import { LOCK_STATE } from './budget-schema.ts';
import { type Sql, statement } from './connection.ts';
import { int, type Row, storable } from './sql-text.ts';
import type { Target } from './target.ts';

const LOCK = statement(LOCK_STATE);
const REVISION = statement(`SELECT value FROM budget_state WHERE name = 'revision'`);
/** Another revision, so that those who remember budgets read them again. Within a transaction that has locked it. */
export const RAISE_REVISION = statement(`UPDATE budget_state SET value = value + 1 WHERE name = 'revision'`);
const ENTRIES_IN_FORCE = statement(`SELECT * FROM budget_entries WHERE ${IS_IN_FORCE} ORDER BY id`);
const ENTRIES = statement('SELECT * FROM budget_entries ORDER BY id');
const ENTRIES_OF = statement('SELECT * FROM budget_entries WHERE name = $1 ORDER BY id');
const APPEND = statement(
  `INSERT INTO budget_entries (id, at_ms, who, what, name, body, asker, request)
   SELECT coalesce(max(id), 0) + 1, $1::int8, $2::text, $3::text, $4::text, $5::text, $6::text, $7::int8 FROM budget_entries RETURNING id`,
);

/** Nothing is asked of the database before it is needed. */
export function openBudgetStore(target: Target): BudgetWriter {
  const beside = new BesideLedger(target, 'budgets');
  const memory: JournalMemory = {};
  const write = <Answer>(change: (sql: Sql) => Promise<Answer>): Promise<Answer> =>
    beside.write(async (sql) => {
      await lockJournal(sql);
      return change(sql);
    });
  const revisionOf = (counted: number): number => beside.revisionOf(counted);
  const ways: Ways = { read: (none, ask) => beside.read(none, ask), write, revisionOf };
  return {
    ...journalOver(entriesIn(ways), memory),
    atomically: (run) => write((sql) => run(within(sql, memory, revisionOf))),
    close: () => beside.close(),
  };
}

/** For who only reads: where there is nothing, nothing is made. */
export const readBudgetJournal = (target: Target): BudgetJournal & Pick<BudgetWriter, 'close'> => openBudgetStore(target);

/** Whoever else writes entries waits for the end of the transaction. */
export const lockJournal = (sql: Sql): Promise<readonly Row[]> => sql.rows(LOCK, ['revision']);

/** What it sees of its own is remembered by nobody: it may be taken back. */
function within(sql: Sql, { known }: JournalMemory, revisionOf: Ways['revisionOf']): JournalWithin {
  const journal: JournalWithin = {
    ...journalOver(entriesIn({ read: (_, ask) => ask(sql), write: (change) => change(sql), revisionOf }), { known }),
    atomically: (run) => run(journal),
  };
  return journal;
}

interface Ways {
  /** `none`: where nobody has written anything yet. */
  read<Answer>(none: Answer, ask: (sql: Sql) => Promise<Answer>): Promise<Answer>;
  /** With the journal locked. */
  write<Answer>(change: (sql: Sql) => Promise<Answer>): Promise<Answer>;
  /** See BesideLedger. */
  revisionOf(counted: number): number;
}

const NONE: readonly Row[] = [];

const entriesIn = ({ read, write, revisionOf }: Ways): EntryTable => ({
  revision: () => read(0, async (sql) => revisionOf(int((await sql.rows(REVISION))[0]?.value))),
  inForce: () => read(NONE, (sql) => sql.rows(ENTRIES_IN_FORCE)),
  entries: (name) => read(NONE, (sql) => (name === undefined ? sql.rows(ENTRIES) : sql.rows(ENTRIES_OF, [storable(name)]))),
  requests: (asked) => read(NONE, (sql) => readRequests(sql, asked)),
  request: (id) => read<Row | undefined>(undefined, (sql) => readRequest(sql, id)),
  news: (afterEntry) => read(NONE, (sql) => readRequestNews(sql, afterEntry)),
  requestsSince: (ms) => read(0, (sql) => countRequestsSince(sql, ms)),
  append: (entry) => write((sql) => append(sql, entry)),
});

async function append(sql: Sql, { atMs, who, what, name, body, asker, request }: NewEntry): Promise<number> {
  const values = [atMs, storable(who), what, storable(name), body, asker === null ? null : storable(asker), request];
  const [row] = await sql.rows(APPEND, values);
  if (isInForce(what)) await sql.run(RAISE_REVISION);
  return int(row?.id);
}
