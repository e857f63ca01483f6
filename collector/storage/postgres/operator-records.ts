/** Budgets, alerts and messages in the database as far as they name people, and the audit of who exported or erased whom. */
import type { ErasedRecords, Eraser, OperatorRecords, PersonalRecords, PrivacyEntry } from '../../ledger/erasure.ts';
import { NAMED, type NamedTable, namedRow, privacyEntryOf, renamed, shown } from '../operator-rows.ts';
import { lockOutbox } from './alert-store.ts';
import { BesideLedger, ERASING } from './beside-ledger.ts';
import { lockJournal, RAISE_REVISION } from './budget-store.ts';
import { type Sql, statement } from './connection.ts';
import { type Row, storable } from './sql-text.ts';
import type { Target } from './target.ts';
import { nowOf, wipe } from './wipe.ts';

const TABLES: Readonly<Record<NamedTable, string>> = {
  entries: 'budget_entries',
  alerts: 'alerts',
  deliveries: 'alert_deliveries',
  gateway_limits: 'gateway_limits',
};
const AUDIT_TABLE = 'privacy_audit';
const AUDIT = statement(`SELECT * FROM ${AUDIT_TABLE} ORDER BY id DESC`);
const AUDIT_NAMES = statement(`UPDATE ${AUDIT_TABLE} SET who = $2, subject = $3 WHERE id = $1`);
const NOTE = statement(
  `INSERT INTO ${AUDIT_TABLE} (id, at_ms, who, what, subject)
   SELECT coalesce(max(id), 0) + 1, $1::int8, $2::text, $3::text, $4::text FROM ${AUDIT_TABLE}`,
);
const LOCK_GATEWAYS = statement(`SELECT 1 FROM budget_state WHERE name = 'gateway' FOR UPDATE`);
/** Of two alerts that have become the same one, the first stays. */
const TAKEN = statement('SELECT 1 FROM alerts WHERE id = $1 AND id <> $2');
const REMOVE_ALERT = statement('DELETE FROM alerts WHERE id = $1');

/** Nothing is asked of the database before it is needed. */
export const openOperatorRecords = (target: Target): OperatorRecords => new PostgresOperatorRecords(target);

class PostgresOperatorRecords implements OperatorRecords {
  readonly #beside: BesideLedger;
  #erased: string | undefined;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'erasure', ERASING);
  }

  async erase(eraser: Eraser, entry: PrivacyEntry, isTrial: boolean): Promise<ErasedRecords> {
    const change = async (sql: Sql): Promise<ErasedRecords> => {
      await lockJournal(sql);
      await lockOutbox(sql);
      await sql.rows(LOCK_GATEWAYS);
      const changed = {
        budgets: (await eraseIn(sql, 'entries', eraser)) + (await eraseIn(sql, 'gateway_limits', eraser)),
        alerts: await eraseIn(sql, 'alerts', eraser),
        messages: await eraseIn(sql, 'deliveries', eraser),
      };
      await eraseAudit(sql, eraser);
      await note(sql, entry);
      return changed;
    };
    if (isTrial) return this.#beside.undone(change);
    const changed = await this.#beside.write(change);
    this.#erased = await this.#beside.alone(nowOf);
    return changed;
  }

  wipe(): Promise<boolean> {
    const rewritten = [...Object.values(TABLES), AUDIT_TABLE];
    return this.#beside.alone(async (sql) => wipe(sql, this.#erased ?? (await nowOf(sql)), { rewritten, cleaned: [] }));
  }

  find(eraser: Eraser): Promise<PersonalRecords> {
    return this.#beside.snapshot<PersonalRecords>({ budgets: [], alerts: [], messages: [] }, async (sql) => {
      const found = async (table: NamedTable): Promise<readonly object[]> =>
        (await rowsOf(sql, table)).filter((row) => renamed(namedRow(table, row), eraser) !== undefined).map((row) => shown(table, withNumbers(row)));
      return {
        budgets: [...(await found('entries')), ...(await found('gateway_limits'))],
        alerts: await found('alerts'),
        messages: await found('deliveries'),
      };
    });
  }

  note(entry: PrivacyEntry): Promise<void> {
    return this.#beside.write(async (sql) => {
      await lockJournal(sql);
      await note(sql, entry);
    });
  }

  async audit(): Promise<readonly PrivacyEntry[]> {
    return (await this.#beside.read<readonly Row[]>([], (sql) => sql.rows(AUDIT))).map(privacyEntryOf);
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

const rowsOf = (sql: Sql, table: NamedTable): Promise<readonly Row[]> => sql.rows(`SELECT * FROM ${TABLES[table]} ORDER BY ${NAMED[table].key}`);

/** Integers as numbers: those here are instants and counts. Texts of digits stay texts. */
const INTEGERS: ReadonlySet<string> = new Set([
  'at_ms',
  'request',
  'fired_ms',
  'resolved_ms',
  'place',
  'attempts',
  'next_ms',
  'created_ms',
  'delivered_ms',
]);

function withNumbers(row: Row): Row {
  // The ids of alerts and messages are texts, and their tables have no such column.
  const isInteger = (name: string): boolean => INTEGERS.has(name) || (name === 'id' && 'at_ms' in row);
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, isInteger(name) && cell !== null ? Number(cell) : cell]));
}

async function eraseIn(sql: Sql, table: NamedTable, eraser: Eraser): Promise<number> {
  const { key, text, data } = NAMED[table];
  const columns = [...text, data].map((column, index) => `${column} = $${index + 2}`);
  const update = statement(`UPDATE ${TABLES[table]} SET ${columns.join()} WHERE ${key} = $1`);
  let changed = 0;
  for (const row of (await rowsOf(sql, table)).map((one) => namedRow(table, one))) {
    const after = renamed(row, eraser);
    if (after === undefined) continue;
    changed++;
    const isTaken = table === 'alerts' && (await sql.rows(TAKEN, [after[0], row.key])).length > 0;
    await (isTaken ? sql.run(REMOVE_ALERT, [row.key]) : sql.run(update, [row.key, ...after]));
  }
  return changed;
}

/** Who was exported, or merged, before. */
async function eraseAudit(sql: Sql, eraser: Eraser): Promise<void> {
  for (const { id, who, subject } of await sql.rows(AUDIT)) {
    const after = [eraser.text(String(who)), eraser.text(String(subject))];
    if (after[0] !== who || after[1] !== subject) await sql.run(AUDIT_NAMES, [id, ...after]);
  }
}

/** Also another revision: an erasure changes entries that are there. */
async function note(sql: Sql, { atMs, who, what, subject }: PrivacyEntry): Promise<void> {
  await sql.run(NOTE, [atMs, storable(who), what, storable(subject)]);
  await sql.run(RAISE_REVISION);
}
