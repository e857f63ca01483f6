/** Other ids of sessions. The number of a session is made of its id, so all that is about it moves to another number. */
import type { Renamer } from '../../ledger/erasure.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { columnsOf } from './columns.ts';
import type { Sql, Transaction } from './connection.ts';
import { naturalKey, slotOf } from './natural-keys.ts';
import { int, quotedName } from './sql-text.ts';

const ROWS_AT_ONCE = 5_000;

/** What is about a session, by slot and number or by number alone. */
const OF_SESSIONS = [
  { table: 'sessions', hasSlot: true },
  { table: 'entries', hasSlot: true },
  { table: 'removals', hasSlot: true },
  { table: 'session_places', hasSlot: true },
  { table: 'session_links', hasSlot: false },
  { table: REMOVED_SESSIONS.table, hasSlot: false },
] as const;

interface Place {
  readonly slot: number;
  readonly session: number;
}

/** Two that would get the same id stay two sessions. Answers how many. */
export async function renameSessions(sql: Transaction, renamer: Renamer, slots: number): Promise<number> {
  const renamed: (Place & { readonly sessionId: string })[] = [];
  for (let slot = 0; slot < slots; slot++) {
    for await (const rows of sql.pages('SELECT session, session_id FROM sessions WHERE slot = $1', [slot], ROWS_AT_ONCE)) {
      for (const [session, id] of rows) {
        const sessionId = renamer.sessionId(String(id));
        if (sessionId !== id) renamed.push({ slot, session: int(session), sessionId });
      }
    }
  }
  const columns = new Map<string, readonly string[]>();
  for (const { table } of renamed.length === 0 ? [] : OF_SESSIONS) columns.set(table, (await columnsOf(sql, table)).map(quoted));
  for (const { sessionId, ...from } of renamed) {
    const free = (await freeNumber(sql, sessionId, slots)) ?? (await freeNumber(sql, `${sessionId}~${from.session}`, slots));
    if (free !== undefined) await move(sql, from, free, columns);
  }
  return renamed.length;
}

interface FreeNumber extends Place {
  readonly sessionId: string;
}

/** Undefined where there is a session of this id. */
async function freeNumber(sql: Sql, sessionId: string, slots: number): Promise<FreeNumber | undefined> {
  for (let attempt = 0; ; attempt++) {
    const session = naturalKey(sessionId, attempt);
    const slot = slotOf(session, slots);
    const [row] = await sql.rows('SELECT session_id FROM sessions WHERE slot = $1 AND session = $2', [slot, session]);
    if (row === undefined) return { slot, session, sessionId };
    if (row.session_id === sessionId) return undefined;
  }
}

async function move(sql: Sql, from: Place, to: FreeNumber, columns: ReadonlyMap<string, readonly string[]>): Promise<void> {
  for (const { table, hasSlot } of OF_SESSIONS) {
    const names = columns.get(table) ?? [];
    const moved = names.map((name) => (name === 'session' ? '$2' : name === 'slot' ? '$4' : name === 'session_id' ? '$5' : name));
    const at = hasSlot ? 'slot = $3 AND' : '$3::int2 IS NOT NULL AND';
    // Also where the database keeps slots on machines of their own, on which a row's slot cannot change.
    await sql.run(
      `WITH gone AS (DELETE FROM ${table} WHERE ${at} session = $1 RETURNING *)
       INSERT INTO ${table} (${names.join()}) SELECT ${typed(moved).join()} FROM gone WHERE $4::int2 IS NOT NULL AND $5::text IS NOT NULL`,
      [from.session, to.session, from.slot, to.slot, to.sessionId],
    );
  }
}

const NEEDS_NO_QUOTES = /^[a-z]+(_[a-z]+)*$/;
const TYPES: Readonly<Record<string, string>> = { $2: '$2::int8', $4: '$4::int2', $5: '$5::text' };
const quoted = (name: string): string => (NEEDS_NO_QUOTES.test(name) ? name : quotedName(name));
const typed = (names: readonly string[]): string[] => names.map((name) => TYPES[name] ?? name);
