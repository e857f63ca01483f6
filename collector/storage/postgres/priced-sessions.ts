/** The ledger as a repricing reads it: see collector/ledger/repricing.ts. Each page is about one instant. */
import { DIMENSION_NAMES, type Dimensions } from '../../catalog/measures.ts';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import { isPool, NO_COMPANY } from '../../ledger/pools.ts';
import type { BeyondRepricing, PricedPage, PricedSession, RepricedPart, RepricingReader } from '../../ledger/repricing.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { CompanyReader } from './company-reader.ts';
import { instant } from './conditions.ts';
import { Database, READ_ONLY, type Sql, statement, type Transaction } from './connection.ts';
import { storeError } from './failure.ts';
import { slotOf } from './natural-keys.ts';
import { History } from './session-history.ts';
import { IS_THERE } from './session-rows.ts';
import { readSlots } from './slots.ts';
import { bigint, int, numberArray, quotedName, storable, textArray } from './sql-text.ts';
import type { Target } from './target.ts';

/** What was removed is added up over all sessions. */
const STATEMENT_MS = 10 * MINUTE_MS;
/** Entries of a page, at least: a few tens of milliseconds to read. */
const PAGE_ENTRIES = 4_000;
/** Read at once: a few at first, then as many as fill the page if they are like the ones before. */
const SESSIONS_FIRST = 10;
const SESSIONS_MAX = 200;

const NEXT = statement(
  `SELECT s.session, s.session_id FROM sessions s WHERE (s.slot, s.session) > ($1::int2, $2::int8) AND ${IS_THERE}
   AND s.removed_before_ms <= s.last_ms AND s.last_hour >= $3::int8 AND s.first_ms < $4 ORDER BY s.slot, s.session LIMIT $5`,
);
const ENTRIES = statement(
  `SELECT sum(CASE name WHEN 'pruned' THEN -value ELSE value END) AS entries FROM state WHERE name IN ('appended', 'pruned')`,
);
const DIMENSIONS = statement(`SELECT id, ${DIMENSION_NAMES.map(quotedName).join()} FROM dims WHERE id = ANY($1::int8[])`);
const BEYOND = statement(
  `SELECT count(DISTINCT r.session) AS sessions, sum(r.cost_list) AS list, sum(r.unpriced_tokens) AS unpriced
   FROM ${REMOVED_SESSIONS.table} r JOIN sessions s ON s.session = r.session JOIN dims d ON d.id = r.dims
   WHERE ${IS_THERE} AND s.last_ms >= $1 AND s.first_ms < $2 AND ($3::text[] IS NULL OR d.model = ANY($3::text[])) AND (r.cost_list <> 0 OR r.unpriced_tokens <> 0)`,
);

/** Connects when it is first asked. */
export const openPricedSessions = (target: Target): RepricingReader =>
  new PricedSessions(new Database(target, { name: 'repricing', max: 1, wants: 'primary', statementMs: STATEMENT_MS }));

class PricedSessions implements RepricingReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  page(part: RepricedPart, after: number): Promise<PricedPage> {
    return this.#asked((sql) => readSlots(sql).then((slots) => new PageReader(sql, slots).read(part, after)));
  }

  beyond({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, models }: RepricedPart): Promise<BeyondRepricing> {
    return this.#asked(async (sql) => {
      const asked = models === undefined ? null : textArray(models.map(storable));
      const [row] = await sql.rows(BEYOND, [instant(fromMs), instant(toMs), asked]);
      return { sessions: int(row?.sessions), listCost: bigint(row?.list), unpricedTokens: bigint(row?.unpriced) };
    });
  }

  entries(): Promise<number> {
    return this.#asked(async (sql) => int((await sql.rows(ENTRIES))[0]?.entries));
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** In a snapshot of its own. */
  async #asked<Answer>(ask: (sql: Transaction) => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#database.transaction(ask, { begin: READ_ONLY });
    } catch (error) {
      throw storeError(error);
    }
  }
}

class PageReader {
  readonly #sql: Transaction;
  readonly #slots: number;
  readonly #history: History;
  readonly #companies: CompanyReader;

  constructor(sql: Transaction, slots: number) {
    this.#sql = sql;
    this.#slots = slots;
    this.#history = new History(sql, slots);
    this.#companies = new CompanyReader(sql, slots);
  }

  /** Sessions in the order of their key, which begins with what follows from their number. */
  async read({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: RepricedPart, after: number): Promise<PricedPage> {
    const sessions: PricedSession[] = [];
    const used = new Set<number>();
    let entries = 0;
    let wanted = SESSIONS_FIRST;
    for (let last = after; ; ) {
      const edges = [Math.floor(instant(fromMs) / HOUR_MS), instant(toMs)];
      const rows = await this.#sql.rows(NEXT, [slotOf(last, this.#slots), last, ...edges, wanted]);
      const found = await this.#priced(rows.map(({ session, session_id }) => ({ session: int(session), sessionId: String(session_id) })));
      for (const { dims } of found.flatMap(({ items, adjustments }) => [...items, ...adjustments])) used.add(dims);
      entries += found.reduce((sum, { items, adjustments }) => sum + items.length + adjustments.length, 0);
      sessions.push(...found);
      last = int(rows.at(-1)?.session);
      const isEnd = rows.length < wanted;
      if (isEnd || entries >= PAGE_ENTRIES)
        return { sessions, dimensions: await dimensionsOf(this.#sql, used), entries, next: isEnd ? undefined : last };
      wanted = Math.min(SESSIONS_MAX, Math.ceil(((PAGE_ENTRIES - entries) * sessions.length) / Math.max(entries, 1)));
    }
  }

  async #priced(rows: readonly { readonly session: number; readonly sessionId: string }[]): Promise<PricedSession[]> {
    const numbers = rows.map(({ session }) => session);
    const histories = new Map<number, readonly HistoryItem[]>();
    await this.#history.of(numbers, (session, history) => histories.set(session, history));
    const adjustments = await this.#history.adjustments(numbers);
    const priced: PricedSession[] = [];
    for (const { session, sessionId } of rows) {
      const company = isPool(sessionId) ? await this.#companies.of(session) : NO_COMPANY;
      priced.push({ sessionId, items: histories.get(session) ?? [], adjustments: adjustments.get(session) ?? [], company });
    }
    return priced;
  }
}

/** Of those that are known. */
async function dimensionsOf(sql: Sql, ids: ReadonlySet<number>): Promise<Map<number, Dimensions>> {
  const dimensions = new Map<number, Dimensions>();
  for (const row of await sql.rows(DIMENSIONS, [numberArray([...ids])]))
    dimensions.set(int(row.id), Object.fromEntries(DIMENSION_NAMES.flatMap((name) => (row[name] ? [[name, String(row[name])]] : []))));
  return dimensions;
}
