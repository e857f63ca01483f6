/** Entries: what is offered and not there yet is kept. Sessions are locked by then. */
import { recordOf } from '../../ledger/set-aside.ts';
import type { HeldBackEntry, IncomingEntry, SessionEntries, StoredEntry } from '../../ledger/tables.ts';
import { flagsOf, readAmounts } from '../batch-codec.ts';
import { HELD_BACK } from '../stored-entries.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, statement } from './connection.ts';
import type { SessionsTable } from './sessions.ts';
import { askedFor, bigint, int, numberArray, type Row, storable, textArray } from './sql-text.ts';

const COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ...([
    ['session', 'int8'],
    ['part', 'int4'],
    ['identity', 'text'],
    ['time_ms', 'int8'],
    ['flags', 'int4'],
    ['dims', 'int8'],
  ] as const),
  ...([
    ['cost', 'int8'],
    ['list_cost', 'int8'],
    ['amounts', 'text'],
    ['series', 'text'],
    ['start_ms', 'int8'],
  ] as const),
  ...([
    ['sequence', 'int8'],
    ['request', 'text'],
  ] as const),
];
const NAMES = COLUMNS.map(([name]) => name).join();
const AFTER = COLUMNS.length + 2;
const isAside = `k.identity >= '!' AND k.identity < '"'`;
const isStandIn = `k.identity >= '~' AND k.identity < '\u007f'`;
/** Not EXISTS, for which a planner that does not know the table yet may read all of it once instead. */
const any = (condition: string) =>
  `(SELECT true FROM entries k WHERE k.slot = $1 AND k.part = w.part AND k.session = w.session AND ${condition} LIMIT 1)`;

/**
 * Answers the places of those that were there, and of which kinds some sessions had any before. Their sessions are locked, so that nobody else adds
 * to them meanwhile: ON CONFLICT would note each row twice, before and after it looked for another's.
 */
const INSERT = statement(
  `WITH offered AS MATERIALIZED (
     SELECT * FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 2}::${type}[]`).join()}) WITH ORDINALITY AS o(${NAMES}, place)
   ), kept AS (
     INSERT INTO entries (slot, ${NAMES}) SELECT $1::int2, ${NAMES} FROM offered w WHERE ${any('k.identity = w.identity')} IS NOT TRUE RETURNING session, identity
   )
   SELECT o.place, NULL::int8 AS session, false AS aside, false AS stand_ins
   FROM offered o WHERE NOT EXISTS (SELECT 1 FROM kept k WHERE k.session = o.session AND k.identity = o.identity)
   UNION ALL
   SELECT NULL, w.session, ${any(isAside)} IS TRUE, ${any(isStandIn)} IS TRUE FROM unnest($${AFTER}::int8[], $${AFTER + 1}::int4[]) AS w(session, part)`,
);
/** Of an entry e that is joined with what is asked for: sessions, parts and identities. See askedFor. */
export const IS_ASKED_FOR = `e.slot = $1 AND e.part = w.part AND e.session = w.session AND e.identity = w.identity
  AND e.part = ANY($3::int4[]) AND ${askedFor('e.session', '$2')} AND e.identity = ANY($4::text[])`;
const STORED = 'e.cost, e.list_cost, e.amounts, (SELECT d.model FROM dims d WHERE d.id = e.dims) AS model';
const FIND = statement(
  `SELECT w.place, ${STORED} FROM unnest($2::int8[], $3::int4[], $4::text[]) WITH ORDINALITY AS w(session, part, identity, place)
   CROSS JOIN LATERAL (
     SELECT * FROM entries e WHERE e.slot = $1 AND e.part = w.part AND e.session = w.session AND e.identity = w.identity LIMIT 1
   ) e`,
);
/** By how their identity begins. */
const FIND_RECORDS = statement(
  `SELECT w.place, e.* FROM unnest($2::int8[], $3::int4[], $4::text[]) WITH ORDINALITY AS w(session, part, beginning, place)
   CROSS JOIN LATERAL (
     SELECT ${STORED} FROM entries e WHERE e.slot = $1 AND e.part = w.part AND e.session = w.session
     AND e.identity >= w.beginning AND e.identity < w.beginning || chr(127) ORDER BY e.identity LIMIT 1
   ) e`,
);
const HOLD_BACK = statement(
  `UPDATE entries e SET held_back = w.held_back FROM unnest($2::int8[], $3::int4[], $4::text[], $5::int2[]) AS w(session, part, identity, held_back)
   WHERE ${IS_ASKED_FOR}`,
);

interface Offer {
  readonly session: number;
  readonly entry: IncomingEntry;
}

type There = Map<IncomingEntry, StoredEntry>;

export class EntriesTable {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #sessions: SessionsTable;

  constructor(sql: Sql, slots: number, sessions: SessionsTable) {
    this.#sql = sql;
    this.#slots = slots;
    this.#sessions = sessions;
  }

  /** See Tables.insert. */
  async insert(bySession: readonly SessionEntries[]): Promise<There> {
    const there = await this.#records(bySession);
    const { offers, alike } = distinct(bySession, there);
    for (const { slot, items } of bySlot(offers, this.#slots, ({ session }) => session)) await this.#insert(slot, items, there);
    for (const [entry, first] of alike) there.set(entry, there.get(first) ?? storedAs(first));
    return there;
  }

  async holdBack(entries: readonly HeldBackEntry[]): Promise<void> {
    for (const { slot, items } of bySlot(entries, this.#slots, ({ session }) => session)) {
      const reasons = numberArray(items.map(({ heldBack }) => HELD_BACK.indexOf(heldBack)));
      await this.#sql.run(HOLD_BACK, [slot, ...this.#keys(items), textArray(items.map(({ identity }) => identity)), reasons]);
    }
  }

  /** What is set aside and the record of which is there. */
  async #records(bySession: readonly SessionEntries[]): Promise<There> {
    const there: There = new Map();
    const aside = bySession.flatMap(({ session, entries }) => entries.flatMap((entry) => (entry.isSetAside === true ? [{ session, entry }] : [])));
    for (const { slot, items } of bySlot(aside, this.#slots, ({ session }) => session)) {
      const beginnings = textArray(items.map(({ entry }) => recordOf(entry.identity)));
      for (const row of await this.#sql.rows(FIND_RECORDS, [slot, ...this.#keys(items), beginnings])) keep(there, items, row);
    }
    return there;
  }

  async #insert(slot: number, offers: readonly Offer[], there: There): Promise<void> {
    const unread = [...new Set(offers.map(({ session }) => session))].filter((session) => this.#sessions.locked(session).kinds === undefined);
    const rows = await this.#sql.rows(INSERT, [
      slot,
      ...this.#keys(offers),
      ...valuesOf(offers.map(({ entry }) => entry)),
      ...this.#keys(unread.map((session) => ({ session }))),
    ]);
    const known: Offer[] = [];
    for (const { place, session, aside, stand_ins } of rows) {
      if (session !== null) this.#sessions.locked(int(session)).kinds = { aside: aside === true, standIns: stand_ins === true };
      else known.push(...offers.slice(int(place) - 1, int(place)));
    }
    for (const { session, entry } of offers) this.#noteKinds(session, entry);
    if (known.length === 0) return;
    const identities = textArray(known.map(({ entry }) => entry.identity));
    for (const row of await this.#sql.rows(FIND, [slot, ...this.#keys(known), identities])) keep(there, known, row);
  }

  #noteKinds(session: number, { isSetAside, isStandIn }: IncomingEntry): void {
    if (isSetAside !== true && isStandIn !== true) return;
    const known = this.#sessions.locked(session);
    const { aside = true, standIns = true } = known.kinds ?? {};
    known.kinds = { aside: aside || isSetAside === true, standIns: standIns || isStandIn === true };
  }

  #keys(items: readonly { readonly session: number }[]): [sessions: string, parts: string] {
    return [numberArray(items.map(({ session }) => session)), numberArray(items.map(({ session }) => this.#sessions.locked(session).part))];
  }
}

function keep(there: There, offers: readonly Offer[], row: Row): void {
  const offer = offers[int(row.place) - 1];
  if (offer === undefined) return;
  const amountsText = String(row.amounts);
  const costs = { cost: bigint(row.cost), listCost: bigint(row.list_cost) };
  there.set(offer.entry, { model: String(row.model), ...costs, amountsText, amounts: readAmounts(amountsText) });
}

const storedAs = ({ model, cost, listCost, amountsText, amounts }: IncomingEntry): StoredEntry => ({ model, cost, listCost, amountsText, amounts });

/** Without those of which it is known that they are there. `alike`: by an entry, the one before it that is the same. */
function distinct(bySession: readonly SessionEntries[], there: There) {
  const offers: Offer[] = [];
  const alike = new Map<IncomingEntry, IncomingEntry>();
  for (const { session, entries } of bySession) {
    const own = new Map<string, IncomingEntry>();
    for (const entry of entries) {
      if (there.has(entry)) continue;
      const first = own.get(entry.identity) ?? (entry.isSetAside === true ? recordAmong(own, entry.identity) : undefined);
      if (first !== undefined) alike.set(entry, first);
      else {
        own.set(entry.identity, entry);
        offers.push({ session, entry });
      }
    }
  }
  return { offers, alike };
}

function recordAmong(entries: ReadonlyMap<string, IncomingEntry>, aside: string): IncomingEntry | undefined {
  const beginning = recordOf(aside);
  return [...entries.values()].find(({ identity }) => identity.startsWith(beginning));
}

/** In the order of COLUMNS, without session and part. */
const valuesOf = (entries: readonly IncomingEntry[]): string[] => [
  textArray(entries.map(({ identity }) => identity)),
  numberArray(entries.map(({ timeMs }) => timeMs)),
  numberArray(entries.map(flagsOf)),
  numberArray(entries.map(({ dims }) => dims)),
  numberArray(entries.map(({ cost }) => cost)),
  numberArray(entries.map(({ listCost }) => listCost)),
  textArray(entries.map(({ amountsText }) => amountsText)),
  textArray(entries.map(({ cumulative }) => cumulative && storable(cumulative.series))),
  numberArray(entries.map(({ cumulative, startMs }) => cumulative?.startMs ?? startMs)),
  numberArray(entries.map(({ sequence }) => sequence)),
  textArray(entries.map(({ request }) => request)),
];
