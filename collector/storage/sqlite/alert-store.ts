/**
 * What is known about alerts, in tables of budgets.sqlite: which fire, and the messages on their way. An alert and its messages are
 * written in one transaction, so a crash leaves both or neither; a message that was sent but not yet marked is sent once more.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type AlertRecord, type Delivery, type NewDelivery, type Outbox, WAIT_MAX_MS } from '../../alerts/outbox.ts';
import { deliveryBody, deliveryOf, RECORDS_MAX, recordBody, recordOf } from '../alert-rows.ts';
import { openBudgetDatabase } from './budget-store.ts';
import { createStatements } from './statements.ts';
import { together } from './together.ts';
import { type TakeTurn, turnsOn } from './turns.ts';

export const ALERT_TABLES = `
  CREATE TABLE IF NOT EXISTS alerts (id TEXT PRIMARY KEY, state TEXT NOT NULL, fired_ms INTEGER NOT NULL, resolved_ms INTEGER, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS alerts_firing ON alerts (id) WHERE state = 'firing';
  CREATE TABLE IF NOT EXISTS deliveries (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
    status TEXT NOT NULL, attempts INTEGER NOT NULL, next_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, delivered_ms INTEGER,
    error TEXT, body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries (channel, subject, place) WHERE status IN ('waiting', 'folded');
  CREATE INDEX IF NOT EXISTS deliveries_sent ON deliveries (channel, delivered_ms) WHERE status = 'delivered';
  CREATE INDEX IF NOT EXISTS deliveries_dead ON deliveries (place) WHERE status = 'dead';
  CREATE INDEX IF NOT EXISTS deliveries_created ON deliveries (created_ms);
  CREATE TABLE IF NOT EXISTS folds (delivery TEXT PRIMARY KEY, summary TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS folds_summary ON folds (summary);
  CREATE TABLE IF NOT EXISTS digests (name TEXT PRIMARY KEY, due_ms INTEGER NOT NULL);`;

const OPEN = `status IN ('waiting', 'folded')`;
const GROUPED_BY = 'id IN (SELECT delivery FROM folds WHERE summary = ?)';
const NOT_GROUPED = 'id NOT IN (SELECT delivery FROM folds)';

/** Opens the file, or makes it. */
export const openAlertStore = (file: string): Outbox => new AlertStore(openBudgetDatabase(file), turnsOn(file));

class AlertStore implements Outbox {
  readonly #database: DatabaseSync;
  readonly #statement: (sql: string) => StatementSync;
  readonly #take: TakeTurn;

  constructor(database: DatabaseSync, take: TakeTurn) {
    this.#database = database;
    this.#take = take;
    database.exec(ALERT_TABLES);
    this.#statement = createStatements((sql) => database.prepare(sql));
  }

  async records(): Promise<readonly AlertRecord[]> {
    return this.#all(`SELECT * FROM alerts ORDER BY state = 'resolved', fired_ms DESC LIMIT ${RECORDS_MAX}`).map(recordOf);
  }

  async known(ids: readonly string[]): Promise<readonly AlertRecord[]> {
    const sql = `SELECT * FROM alerts WHERE state = 'firing' UNION ALL SELECT * FROM alerts WHERE state <> 'firing' AND id IN (SELECT value FROM json_each(?))`;
    return this.#all(sql, JSON.stringify(ids)).map(recordOf);
  }

  async commit({ records, deliveries }: { readonly records: readonly AlertRecord[]; readonly deliveries: readonly NewDelivery[] }): Promise<void> {
    if (records.length === 0 && deliveries.length === 0) return;
    await this.#together(() => {
      for (const record of records) this.#put(record);
      for (const delivery of deliveries) this.#enqueue(delivery);
    });
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    const sql = `SELECT * FROM deliveries d WHERE status = 'waiting' AND (next_ms <= ? OR next_ms > ?)
      AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.status IN ('waiting', 'folded') AND e.channel = d.channel AND e.subject = d.subject AND e.place < d.place)
      ORDER BY place LIMIT ?`;
    return this.#all(sql, nowMs, nowMs + WAIT_MAX_MS, limit).map(deliveryOf);
  }

  async sentMs(channel: string, sinceMs: number): Promise<readonly number[]> {
    const sql = `SELECT delivered_ms FROM deliveries WHERE status = 'delivered' AND channel = ? AND delivered_ms > ?
      AND kind IN ('firing', 'resolved', 'summary') AND id NOT IN (SELECT delivery FROM folds) ORDER BY delivered_ms`;
    return this.#all(sql, channel, sinceMs).map(({ delivered_ms }) => Number(delivered_ms));
  }

  async group(summary: NewDelivery, ids: readonly string[]): Promise<void> {
    const all = JSON.stringify(ids);
    await this.#together(() => {
      this.#enqueue(summary);
      this.#run(
        `INSERT INTO folds SELECT id, ? FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) AND ${OPEN}
         ON CONFLICT DO UPDATE SET summary = excluded.summary`,
        summary.id,
        all,
      );
      this.#run(`UPDATE deliveries SET status = 'folded' WHERE id IN (SELECT value FROM json_each(?)) AND ${OPEN}`, all);
    });
  }

  async delivered(id: string, nowMs: number): Promise<void> {
    const set = `UPDATE deliveries SET status = 'delivered', attempts = attempts + 1, delivered_ms = ?, error = NULL`;
    await this.#together(() => {
      this.#run(`${set} WHERE id = ?`, nowMs, id);
      this.#run(`${set} WHERE ${GROUPED_BY}`, nowMs, id);
    });
  }

  async failed(id: string, error: string, nextMs: number | undefined): Promise<void> {
    const sql = `UPDATE deliveries SET status = ?, attempts = attempts + 1, next_ms = ?, error = ? WHERE id = ? AND status = 'waiting'`;
    await this.#together(() => {
      const failed = this.#run(sql, nextMs === undefined ? 'dead' : 'waiting', nextMs ?? 0, error, id);
      if (failed > 0 && nextMs === undefined) this.#run(`UPDATE deliveries SET status = 'dead', error = ? WHERE ${GROUPED_BY}`, error, id);
    });
  }

  async deliveries(status: Delivery['status'] | undefined, limit: number): Promise<readonly Delivery[]> {
    if (status === undefined) return this.#all('SELECT * FROM deliveries ORDER BY place DESC LIMIT ?', limit).map(deliveryOf);
    // In words: an index of some statuses is of no use to a question that may be about any.
    const sql = `SELECT * FROM deliveries WHERE status = '${status}' AND ${NOT_GROUPED} ORDER BY place DESC LIMIT ?`;
    return this.#all(sql, limit).map(deliveryOf);
  }

  async revive(id: string | undefined, nowMs: number): Promise<number> {
    const set = `UPDATE deliveries SET status = 'waiting', attempts = 0, next_ms = ? WHERE status = 'dead' AND ${NOT_GROUPED}`;
    return this.#together(() => {
      const revived = id === undefined ? this.#run(set, nowMs) : this.#run(`${set} AND id = ?`, nowMs, id);
      this.#run(`UPDATE deliveries SET status = 'folded' WHERE status = 'dead' AND id IN (
        SELECT f.delivery FROM folds f JOIN deliveries s ON s.id = f.summary WHERE s.status = 'waiting')`);
      return revived;
    });
  }

  async digestedMs(name: string): Promise<number | undefined> {
    const value = this.#all('SELECT due_ms FROM digests WHERE name = ?', name)[0]?.due_ms;
    return value === undefined ? undefined : Number(value);
  }

  async digested(name: string, dueMs: number, deliveries: readonly NewDelivery[]): Promise<void> {
    await this.#together(() => {
      this.#run('INSERT INTO digests (name, due_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET due_ms = excluded.due_ms', name, dueMs);
      for (const delivery of deliveries) this.#enqueue(delivery);
    });
  }

  // Beside the digests, which have other names.
  handedOver = (what: string): Promise<number | undefined> => this.digestedMs(what);

  async handOver(what: string, upTo: number, deliveries: readonly NewDelivery[]): Promise<void> {
    await this.digested(what, upTo, deliveries);
  }

  async forget(beforeMs: number): Promise<void> {
    await this.#together(() => {
      this.#run(`DELETE FROM alerts WHERE state = 'resolved' AND resolved_ms < ?`, beforeMs);
      const gone = this.#run(`DELETE FROM deliveries WHERE status NOT IN ('waiting', 'folded') AND created_ms < ?`, beforeMs);
      if (gone > 0) this.#run('DELETE FROM folds WHERE delivery NOT IN (SELECT id FROM deliveries)');
    });
  }

  async close(): Promise<void> {
    await this.#take(() => this.#database.close());
  }

  #put(record: AlertRecord): void {
    const sql = `INSERT INTO alerts (id, state, fired_ms, resolved_ms, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET state = excluded.state, fired_ms = excluded.fired_ms, resolved_ms = excluded.resolved_ms, body = excluded.body`;
    const { id, state, firedMs, resolvedMs } = record;
    this.#run(sql, id, state, firedMs, resolvedMs ?? null, recordBody(record));
  }

  #enqueue(delivery: NewDelivery): void {
    const { id, channel, subject, kind, createdMs } = delivery;
    const sql = `INSERT INTO deliveries (id, channel, subject, kind, status, attempts, next_ms, created_ms, body)
      VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?, ?) ON CONFLICT DO NOTHING`;
    this.#run(sql, id, channel, subject, kind, createdMs, createdMs, deliveryBody(delivery));
  }

  #together = <Answer>(write: () => Answer): Promise<Answer> => this.#take(() => together(this.#database, write));

  #run(sql: string, ...parameters: (string | number | null)[]): number {
    return Number(this.#statement(sql).run(...parameters).changes);
  }

  #all(sql: string, ...parameters: (string | number)[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...parameters);
  }
}
