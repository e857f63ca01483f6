/** The embedded ledger as a repricing reads it: see collector/ledger/repricing.ts. On a connection and a thread of its own. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DIMENSION_NAMES, type Dimensions } from '../../catalog/measures.ts';
import { HOUR_MS } from '../../core/duration.ts';
import { isPool, NO_COMPANY } from '../../ledger/pools.ts';
import type { BeyondRepricing, PricedPage, PricedSession, RepricedPart, RepricingReader } from '../../ledger/repricing.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { allCommitted } from './commit-signal.ts';
import { openForReading } from './ledger-connection.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';
import { UNIT } from './wide.ts';

/** Entries of a page, at least: a few tens of milliseconds to read. */
const PAGE_ENTRIES = 4_000;

export class PricedSessions implements RepricingReader {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #sessions: StatementSync;
  readonly #dims: StatementSync;
  readonly #history: History;
  readonly #companies: CompanyReader;

  /** Throws as openForReading. */
  constructor(file: string) {
    const database = openForReading(file);
    this.#file = file;
    this.#database = database;
    this.#history = new History(database);
    this.#companies = new CompanyReader(database);
    this.#dims = database.prepare(`SELECT ${DIMENSION_NAMES.join()} FROM dims WHERE id = ?`);
    this.#sessions = database.prepare(
      `SELECT id, session_id FROM sessions WHERE id > ? AND removed_before_ms <= last_ms AND last_ms / ${HOUR_MS} >= ? AND first_ms < ? ORDER BY id LIMIT ?`,
    );
  }

  async page(part: RepricedPart, after: number): Promise<PricedPage> {
    await allCommitted(this.#file);
    this.#database.exec('BEGIN');
    try {
      return this.#read(part, after);
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  async beyond({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, models }: RepricedPart): Promise<BeyondRepricing> {
    await allCommitted(this.#file);
    const removed = `FROM ${REMOVED_SESSIONS.table} r JOIN sessions s ON s.id = r.bucket JOIN dims d ON d.id = r.dims
      WHERE s.last_ms >= ? AND s.first_ms < ?${models === undefined ? '' : ` AND d.model IN (${models.map(() => '?').join()})`}`;
    const carried = `SELECT ifnull(SUM(c.units), 0) AS units FROM carries c WHERE c.rollup = '${REMOVED_SESSIONS.table}' AND c.measure = 'cost_list'
      AND (c.bucket, c.dims) IN (SELECT r.bucket, r.dims ${removed})`;
    const parameters = [fromMs, toMs, ...(models ?? [])];
    const select = this.#database.prepare(`SELECT COUNT(DISTINCT r.bucket) AS sessions, ifnull(SUM(r.cost_list / 1000000), 0) AS high,
      ifnull(SUM(r.cost_list % 1000000), 0) AS low, ifnull(SUM(r.unpriced_tokens), 0) AS unpriced ${removed} AND (r.cost_list <> 0 OR r.unpriced_tokens <> 0)`);
    select.setReadBigInts(true);
    const units = this.#database.prepare(carried);
    units.setReadBigInts(true);
    const { sessions = 0n, high = 0n, low = 0n, unpriced = 0n } = (select.get(...parameters) ?? {}) as Record<string, bigint>;
    const wide = ((units.get(...parameters)?.units as bigint | undefined) ?? 0n) * UNIT;
    return { sessions: Number(sessions), listCost: high * 1_000_000n + low + wide, unpricedTokens: unpriced };
  }

  async entries(): Promise<number> {
    await allCommitted(this.#file);
    const counted = this.#database.prepare(`SELECT name, value FROM state WHERE name IN ('appended', 'pruned')`).all();
    return counted.reduce((sum, { name, value }) => sum + (name === 'appended' ? Number(value) : -Number(value)), 0);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #read({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: RepricedPart, after: number): PricedPage {
    const sessions: PricedSession[] = [];
    const dimensions = new Map<number, Dimensions>();
    let entries = 0;
    let last = after;
    const rows = this.#sessions.all(after, Math.floor(fromMs / HOUR_MS), toMs, PAGE_ENTRIES);
    for (const { id, session_id } of rows) {
      last = Number(id);
      const session = this.#session(last, String(session_id));
      entries += session.items.length + session.adjustments.length;
      sessions.push(session);
      for (const { dims } of [...session.items, ...session.adjustments]) dimensions.getOrInsertComputed(dims, () => this.#dimensionsOf(dims));
      if (entries >= PAGE_ENTRIES) break;
    }
    const isEnd = sessions.length === rows.length && rows.length < PAGE_ENTRIES;
    return { sessions, dimensions, entries, next: isEnd ? undefined : last };
  }

  #session(id: number, sessionId: string): PricedSession {
    const company = isPool(sessionId) ? this.#companies.of(id) : NO_COMPANY;
    return { sessionId, items: this.#history.of(id), adjustments: this.#history.adjustments(id), company };
  }

  /** Of those that are known. */
  #dimensionsOf(dims: number): Dimensions {
    const row = this.#dims.get(dims) ?? {};
    return Object.fromEntries(DIMENSION_NAMES.flatMap((name) => (row[name] ? [[name, String(row[name])]] : [])));
  }
}
