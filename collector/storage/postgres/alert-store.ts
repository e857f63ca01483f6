/**
 * What is known about alerts, in the database: which fire, and the messages on their way. An alert and its messages are written in one
 * transaction, so a crash leaves both or neither; a message that was sent but not yet marked is sent once more. The holder of the lease for
 * alerts writes; a former one that still does so repeats nothing: messages are known by their ids, and what is no longer on its way stays as it is.
 */
import { type AlertRecord, DELIVERY_STATUSES, type Delivery, type NewDelivery, type Outbox, WAIT_MAX_MS } from '../../alerts/outbox.ts';
import { deliveryBody, deliveryOf, RECORDS_MAX, recordBody, recordOf } from '../alert-rows.ts';
import { BesideLedger } from './beside-ledger.ts';
import { LOCK_STATE } from './budget-schema.ts';
import { type Sql, type Statement, statement } from './connection.ts';
import { int, numberArray, type Row, storable, textArray } from './sql-text.ts';
import type { Target } from './target.ts';

const LOCK = statement(LOCK_STATE);
const RECORDS = statement(`SELECT * FROM alerts ORDER BY state = 'resolved', fired_ms DESC, id LIMIT ${RECORDS_MAX}`);
const KNOWN = statement(`SELECT * FROM alerts WHERE state = 'firing' OR id = ANY($1::text[]) ORDER BY state <> 'firing', id`);
const PUT = statement(
  `INSERT INTO alerts (id, state, fired_ms, resolved_ms, body)
   SELECT * FROM unnest($1::text[], $2::text[], $3::int8[], $4::int8[], $5::text[])
   ON CONFLICT (id) DO UPDATE SET state = excluded.state, fired_ms = excluded.fired_ms, resolved_ms = excluded.resolved_ms, body = excluded.body`,
);
/** Places follow the order in which they are given; nobody else writes. */
const ENQUEUE = statement(
  `INSERT INTO alert_deliveries (place, id, channel, subject, kind, status, attempts, next_ms, created_ms, body)
   SELECT (SELECT coalesce(max(place), 0) FROM alert_deliveries) + n.place, n.id, n.channel, n.subject, n.kind, 'waiting', 0, n.created_ms, n.created_ms, n.body
   FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::text[]) WITH ORDINALITY AS n (id, channel, subject, kind, created_ms, body, place)
   ORDER BY n.place ON CONFLICT (id) DO NOTHING`,
);
const OPEN = `status IN ('waiting', 'folded')`;
const DUE = statement(
  `SELECT * FROM alert_deliveries d WHERE status = 'waiting' AND (next_ms <= $1 OR next_ms > $3)
     AND NOT EXISTS (SELECT 1 FROM alert_deliveries e WHERE e.${OPEN} AND e.channel = d.channel AND e.subject = d.subject AND e.place < d.place)
   ORDER BY place LIMIT $2`,
);
const NOT_GROUPED = 'NOT EXISTS (SELECT 1 FROM alert_folds f WHERE f.delivery = d.id)';
const GROUPED_BY = 'd.id IN (SELECT delivery FROM alert_folds WHERE summary = $1)';
const SENT = statement(
  `SELECT delivered_ms FROM alert_deliveries d WHERE status = 'delivered' AND channel = $1 AND delivered_ms > $2
     AND kind IN ('firing', 'resolved', 'summary') AND ${NOT_GROUPED} ORDER BY delivered_ms`,
);
const FOLD = statement(
  `INSERT INTO alert_folds SELECT id, $1::text FROM alert_deliveries WHERE id = ANY($2::text[]) AND ${OPEN}
   ON CONFLICT (delivery) DO UPDATE SET summary = excluded.summary`,
);
const FOLDED = statement(`UPDATE alert_deliveries SET status = 'folded' WHERE id = ANY($1::text[]) AND ${OPEN}`);
const DELIVERED = statement(
  `UPDATE alert_deliveries d SET status = 'delivered', attempts = attempts + 1, delivered_ms = $2, error = NULL WHERE id = ANY (ARRAY(SELECT delivery FROM alert_folds WHERE summary = $1) || $1::text)`,
);
const FAILED = statement(
  `UPDATE alert_deliveries SET status = $2, attempts = attempts + 1, next_ms = $3, error = $4 WHERE id = $1 AND status = 'waiting'`,
);
const DEAD_PARTS = statement(`UPDATE alert_deliveries d SET status = 'dead', error = $2 WHERE ${GROUPED_BY}`);
const NEWEST = statement('SELECT * FROM alert_deliveries ORDER BY place DESC LIMIT $1');
/** Each in words of its own: an index of some statuses is of no use to a question that may be about any. */
const NEWEST_OF = Object.fromEntries(
  DELIVERY_STATUSES.map((status) => [
    status,
    statement(`SELECT * FROM alert_deliveries d WHERE status = '${status}' AND ${NOT_GROUPED} ORDER BY place DESC LIMIT $1`),
  ]),
) as Record<Delivery['status'], Statement>;
const REVIVE = statement(
  `UPDATE alert_deliveries d SET status = 'waiting', attempts = 0, next_ms = $1
   WHERE status = 'dead' AND ${NOT_GROUPED} AND ($2::text IS NULL OR id = $2::text)`,
);
const REVIVE_PARTS = statement(
  `UPDATE alert_deliveries SET status = 'folded' WHERE status = 'dead' AND id IN (
     SELECT f.delivery FROM alert_folds f JOIN alert_deliveries s ON s.id = f.summary WHERE s.status = 'waiting')`,
);
const DIGESTED = statement('SELECT due_ms FROM alert_digests WHERE name = $1');
const DIGEST = statement('INSERT INTO alert_digests (name, due_ms) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET due_ms = excluded.due_ms');
const FORGET_RECORDS = statement(`DELETE FROM alerts WHERE state = 'resolved' AND resolved_ms < $1`);
const FORGET_DELIVERIES = statement(`DELETE FROM alert_deliveries WHERE NOT ${OPEN} AND created_ms < $1`);
const FORGET_FOLDS = statement('DELETE FROM alert_folds f WHERE NOT EXISTS (SELECT 1 FROM alert_deliveries d WHERE d.id = f.delivery)');

/** Nothing is asked of the database before it is needed. */
export const openAlertStore = (target: Target): Outbox => new PostgresOutbox(target);

/** Whoever else writes waits for the end of the transaction. */
export const lockOutbox = (sql: Sql): Promise<readonly Row[]> => sql.rows(LOCK, ['outbox']);

class PostgresOutbox implements Outbox {
  readonly #beside: BesideLedger;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'outbox');
  }

  async records(): Promise<readonly AlertRecord[]> {
    return (await this.#all(RECORDS)).map(recordOf);
  }

  async known(ids: readonly string[]): Promise<readonly AlertRecord[]> {
    return (await this.#all(KNOWN, [textArray(ids.map(storable))])).map(recordOf);
  }

  async commit({ records, deliveries }: { readonly records: readonly AlertRecord[]; readonly deliveries: readonly NewDelivery[] }): Promise<void> {
    if (records.length === 0 && deliveries.length === 0) return;
    await this.#write(async (sql) => {
      await put(sql, records);
      await enqueue(sql, deliveries);
    });
  }

  async due(nowMs: number, limit: number): Promise<readonly Delivery[]> {
    return (await this.#all(DUE, [nowMs, limit, nowMs + WAIT_MAX_MS])).map(deliveryOf);
  }

  async sentMs(channel: string, sinceMs: number): Promise<readonly number[]> {
    return (await this.#all(SENT, [storable(channel), sinceMs])).map(({ delivered_ms }) => int(delivered_ms));
  }

  async group(summary: NewDelivery, ids: readonly string[]): Promise<void> {
    const all = textArray(ids.map(storable));
    await this.#write(async (sql) => {
      await enqueue(sql, [summary]);
      await sql.run(FOLD, [storable(summary.id), all]);
      await sql.run(FOLDED, [all]);
    });
  }

  async delivered(id: string, nowMs: number): Promise<void> {
    await this.#write((sql) => sql.run(DELIVERED, [storable(id), nowMs]));
  }

  async failed(id: string, error: string, nextMs: number | undefined): Promise<void> {
    const [key, reason] = [storable(id), storable(error)];
    await this.#write(async (sql) => {
      const failed = await sql.run(FAILED, [key, nextMs === undefined ? 'dead' : 'waiting', nextMs ?? 0, reason]);
      if (failed > 0 && nextMs === undefined) await sql.run(DEAD_PARTS, [key, reason]);
    });
  }

  async deliveries(status: Delivery['status'] | undefined, limit: number): Promise<readonly Delivery[]> {
    const rows = await this.#all(status === undefined ? NEWEST : NEWEST_OF[status], [limit]);
    return rows.map(deliveryOf);
  }

  revive(id: string | undefined, nowMs: number): Promise<number> {
    return this.#write(async (sql) => {
      const revived = await sql.run(REVIVE, [nowMs, id === undefined ? null : storable(id)]);
      await sql.run(REVIVE_PARTS);
      return revived;
    });
  }

  async digestedMs(name: string): Promise<number | undefined> {
    const [row] = await this.#all(DIGESTED, [storable(name)]);
    return row === undefined ? undefined : int(row.due_ms);
  }

  async digested(name: string, dueMs: number, deliveries: readonly NewDelivery[]): Promise<void> {
    await this.#write(async (sql) => {
      await sql.run(DIGEST, [storable(name), dueMs]);
      await enqueue(sql, deliveries);
    });
  }

  // Beside the digests, which have other names.
  handedOver = (what: string): Promise<number | undefined> => this.digestedMs(what);

  handOver = (what: string, upTo: number, deliveries: readonly NewDelivery[]): Promise<void> => this.digested(what, upTo, deliveries);

  async forget(beforeMs: number): Promise<void> {
    await this.#write(async (sql) => {
      await sql.run(FORGET_RECORDS, [beforeMs]);
      const gone = await sql.run(FORGET_DELIVERIES, [beforeMs]);
      if (gone > 0) await sql.run(FORGET_FOLDS);
    });
  }

  close(): Promise<void> {
    return this.#beside.close();
  }

  #all(asked: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#beside.read<readonly Row[]>([], (sql) => sql.rows(asked, values));
  }

  #write<Answer>(change: (sql: Sql) => Promise<Answer>): Promise<Answer> {
    return this.#beside.write(async (sql) => {
      await lockOutbox(sql);
      return change(sql);
    });
  }
}

async function put(sql: Sql, records: readonly AlertRecord[]): Promise<void> {
  // Of one alert the last: a statement writes a row once.
  const last = [...new Map(records.map((record) => [storable(record.id), record]))];
  if (last.length === 0) return;
  await sql.run(PUT, [
    textArray(last.map(([id]) => id)),
    textArray(last.map(([, { state }]) => state)),
    numberArray(last.map(([, { firedMs }]) => firedMs)),
    numberArray(last.map(([, { resolvedMs }]) => resolvedMs)),
    textArray(last.map(([, record]) => recordBody(record))),
  ]);
}

async function enqueue(sql: Sql, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const texts = (of: (delivery: NewDelivery) => string): string => textArray(deliveries.map((one) => storable(of(one))));
  await sql.run(ENQUEUE, [
    texts(({ id }) => id),
    texts(({ channel }) => channel),
    texts(({ subject }) => subject),
    texts(({ kind }) => kind),
    numberArray(deliveries.map(({ createdMs }) => createdMs)),
    texts(deliveryBody),
  ]);
}
