/**
 * budgets.sqlite in the data folder: budgets set by API or command, raises, and who changed what. One table of entries that never
 * change; what is in force follows from them. A file of its own, so that nothing here can hold up the ledger. Any process may
 * write it, also beside a running collector.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type AuditEntry,
  type Budget,
  type BudgetChange,
  type BudgetJournal,
  type BudgetWriter,
  type Change,
  emptyJournal,
  isDefinition,
  type JournalWithin,
  type NewRaise,
  nameOf,
  type Raise,
  type RequestChange,
  raisesIn,
  unitOf,
} from '../../budgets/journal.ts';
import type { BudgetRequest, NewRequest, RequestNews, RequestsAsked } from '../../budgets/request.ts';
import { type BudgetConfig, budgetSchema } from '../../config/budgets.ts';
import { withCurrentScopeKeys } from '../../config/former-keys.ts';
import { LedgerlineError } from '../../core/error.ts';
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
/** Entries that decide which budgets there are; requests do not. */
const IN_FORCE = `what IN ('budget_set', 'budget_removed', 'budget_raised')`;
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
  CREATE INDEX IF NOT EXISTS entries_in_force ON entries (id) WHERE ${IN_FORCE};
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
  const entries = new Entries(database);
  const within: JournalWithin = { ...journalOver(entries, async (run) => run()), atomically: (run) => run(within) };
  return {
    ...journalOver(entries, take),
    atomically: (run) =>
      take(() =>
        togetherLater(database, () => run(within)).catch((error: unknown) => {
          // What was seen of it is no more.
          entries.forget();
          throw error;
        }),
      ),
    close: () => take(() => database.close()),
  };
}

const journalOver = (entries: Entries, take: TakeTurn): Omit<JournalWithin, 'atomically'> => ({
  revision: () => take(() => entries.revision()),
  budgets: (configured) => take(() => entries.budgets(configured)),
  audit: (name) => take(() => entries.audit(name)),
  requests: (asked) => take(() => entries.requests(asked)),
  findRequest: (id) => take(() => entries.findRequest(id)),
  requestNews: (afterEntry) => take(() => entries.requestNews(afterEntry)),
  requestsSince: (ms) => take(() => entries.requestsSince(ms)),
  set: (budget, change) => take(() => entries.set(budget, change)),
  remove: (name, change) => take(() => entries.remove(name, change)),
  raise: (raise, change) => take(() => entries.raise(raise, change)),
  request: (request, change) => take(() => entries.request(request, change)),
  end: (request, what, why, change) => take(() => entries.end(request, what, why, change)),
});

/** For commands that only read: where there is no file, none is made. */
export function readBudgetJournal(file: string): BudgetJournal & Pick<BudgetWriter, 'close'> {
  return existsSync(file) ? openBudgetStore(file) : { ...emptyJournal, close: async () => undefined };
}

/** What makes an entry part of a request. */
interface OfRequest {
  readonly asker?: string;
  readonly request?: number;
}

class Entries {
  readonly #database: DatabaseSync;
  #known: { revision: number; budgets: ReadonlyMap<string, Budget>; raises: ReadonlyMap<string, readonly Raise[]> } | undefined;

  /** Asked with every question of a developer. */
  readonly #revision: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    // An erasure changes entries that are there.
    this.#revision = database.prepare(`SELECT (SELECT MAX(id) FROM entries WHERE ${IN_FORCE}) AS id, (SELECT COUNT(*) FROM privacy) AS erasures`);
  }

  revision(): number {
    const { id, erasures } = this.#revision.get() ?? {};
    return Number(id ?? 0) + Number(erasures ?? 0);
  }

  budgets(configured: readonly BudgetConfig[]): readonly Budget[] {
    const { budgets, raises } = this.#inForce();
    const names = new Set(configured.map(({ name }) => name));
    const set = [...budgets.values()].filter(({ name }) => !names.has(name)).map((budget): Budget => ({ ...budget, origin: 'api' }));
    return [...configured, ...set].map((budget) => ({ ...budget, raises: raisesIn(unitOf(budget), raises.get(budget.name) ?? []) }));
  }

  audit(name?: string): readonly AuditEntry[] {
    const last = new Map<string, unknown>();
    const entries = this.#entries(name).map(({ id, at_ms, who, what, name: of, body }): AuditEntry => {
      const after = body === null ? undefined : bodyOf(body);
      const change = what as BudgetChange;
      const before = isDefinition(change) ? last.get(String(of)) : undefined;
      if (isDefinition(change)) last.set(String(of), after);
      return { id: Number(id), atMs: Number(at_ms), who: String(who), what: change, name: String(of), before, after };
    });
    return entries.reverse();
  }

  requests = (asked: RequestsAsked): readonly BudgetRequest[] => readRequests(this.#database, asked);

  findRequest = (id: number): BudgetRequest | undefined => readRequest(this.#database, id);

  requestNews = (afterEntry: number): readonly RequestNews[] => readRequestNews(this.#database, afterEntry);

  requestsSince(ms: number): number {
    return Number(this.#database.prepare('SELECT COUNT(*) AS made FROM entries WHERE asker IS NOT NULL AND at_ms > ?').get(ms)?.made ?? 0);
  }

  request(request: NewRequest, change: Change): BudgetRequest {
    const { user, ...body } = { ...request, amount: request.amount.toString() };
    const id = this.#append('budget_requested', nameOf(request.key), { ...body, user }, change, { asker: user });
    return { ...request, id, ...change, decision: undefined };
  }

  end({ id, key }: BudgetRequest, what: Exclude<RequestChange, 'budget_requested'>, why: string | undefined, change: Change): void {
    this.#append(what, nameOf(key), { request: id, ...(why !== undefined && { why }) }, change, { request: id });
  }

  set(budget: BudgetConfig, change: Change): void {
    this.#append('budget_set', budget.name, budget, change);
  }

  remove(name: string, change: Change): void {
    this.#append('budget_removed', name, undefined, change);
  }

  /** `key` is the budget's name, or "name/member". */
  raise(raise: NewRaise, change: Change): Raise {
    const body = { ...raise, amount: raise.amount.toString() };
    return { ...raise, id: this.#append('budget_raised', nameOf(raise.key), body, change, raise), ...change };
  }

  forget(): void {
    this.#known = undefined;
  }

  #append(what: BudgetChange, name: string, body: unknown, { who, atMs }: Change, { asker, request }: OfRequest = {}): number {
    const text = body === undefined ? null : JSON.stringify(body);
    const statement = this.#database.prepare('INSERT INTO entries (at_ms, who, what, name, body, asker, request) VALUES (?, ?, ?, ?, ?, ?, ?)');
    return Number(statement.run(atMs, who, what, name, text, asker ?? null, request ?? null).lastInsertRowid);
  }

  #entries(name?: string): Record<string, unknown>[] {
    const database = this.#database;
    if (name === undefined) return database.prepare('SELECT * FROM entries ORDER BY id').all();
    return database.prepare('SELECT * FROM entries WHERE name = ? ORDER BY id').all(name);
  }

  /** Read again only after a change, by whichever process. */
  #inForce() {
    const revision = this.revision();
    if (this.#known?.revision === revision) return this.#known;
    const budgets = new Map<string, Budget>();
    const raises = new Map<string, Raise[]>();
    const entries = this.#database.prepare(`SELECT * FROM entries WHERE ${IN_FORCE} ORDER BY id`).all();
    for (const { id, at_ms, who, what, name, body } of entries) {
      if (what === 'budget_set') budgets.set(String(name), changed(budgets.get(String(name)), bodyOf(body), Number(at_ms)));
      else if (what === 'budget_removed') {
        budgets.delete(String(name));
        raises.delete(String(name));
      } else {
        const set = budgets.get(String(name));
        const raise = raiseOf(Number(id), String(who), Number(at_ms), String(body));
        raises.getOrInsertComputed(String(name), () => []).push(set === undefined ? raise : { unit: unitOf(set), ...raise });
      }
    }
    this.#known = { revision, budgets, raises };
    return this.#known;
  }
}

/** What an entry says, under the names of today. A raise has no scope. */
const bodyOf = (body: unknown): Record<string, unknown> => withCurrentScopeKeys(JSON.parse(String(body)));

/** The same budget after a change; what its amounts were before is kept where they are others now. */
function changed(before: Budget | undefined, body: object, atMs: number): Budget {
  const budget = budgetSchema.parse(body);
  if (before === undefined) return budget;
  const { earlier = [], ...then } = before;
  return { ...budget, earlier: amountsOf(then) === amountsOf(budget) ? earlier : [...earlier, { untilMs: atMs, budget: then }] };
}

const amountsOf = ({ amount_usd, tokens, amounts, members, period }: BudgetConfig): string =>
  JSON.stringify([amount_usd, tokens, amounts, members, period]);

function raiseOf(id: number, who: string, atMs: number, body: string): Raise {
  // What raise() wrote: the amount as text, since JSON numbers would lose digits.
  const { amount, ...raise } = JSON.parse(body) as Omit<NewRaise, 'amount'> & { amount: string };
  return { ...raise, amount: BigInt(amount), id, who, atMs };
}
