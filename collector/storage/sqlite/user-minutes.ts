/** User-minutes, added up from the entries of all sessions of the time. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import type { UserMinute, UserMinutesQuery } from '../../ledger/user-minutes.ts';
import { ADJUSTMENT, COVERED, readAmounts, SET_ASIDE } from './batch-codec.ts';
import { valuesOf } from './session-rows.ts';

/** A pause after so many entries takes less than the entries do. */
const STEP_ENTRIES = 5_000;

type Sum = { -readonly [Key in keyof UserMinute]: UserMinute[Key] };
type Owner = Pick<UserMinute, 'organization' | 'team' | 'user'>;

/** Pauses every few thousand entries. Undefined beyond rowsMax. Entries that were removed because of their age are no part of it. */
export function* userMinuteSteps(database: DatabaseSync, query: UserMinutesQuery): Generator<undefined, UserMinute[] | undefined> {
  const fromMs = wholeMinute(query.fromMs);
  const toMs = wholeMinute(query.toMs);
  const sessions = database.prepare(
    `SELECT id, removed_before_ms FROM sessions WHERE last_ms / ${HOUR_MS} >= CAST(?1 AS INTEGER) / ${HOUR_MS} AND last_ms >= ?1 AND first_ms < ?2`,
  );
  const entries = database.prepare(
    `SELECT time_ms, dims, amounts FROM entries WHERE session = ? AND time_ms >= ? AND time_ms < ? AND (flags & ${SET_ASIDE | ADJUSTMENT | COVERED}) = 0`,
  );
  const sums = new Sums(ownersOf(database, query));
  let read = 0;
  for (const { id, removed_before_ms } of sessions.all(fromMs, toMs)) {
    for (const { time_ms, dims, amounts } of entries.all(Number(id), Math.max(fromMs, Number(removed_before_ms)), toMs)) {
      sums.add(Number(time_ms), Number(dims), String(amounts));
      read++;
      if (read % STEP_ENTRIES === 0) yield;
    }
    if (sums.count > query.rowsMax) return undefined;
  }
  return sums.rows();
}

const wholeMinute = (ms: number): number => Math.ceil(ms / MINUTE_MS) * MINUTE_MS;

class Sums {
  readonly #ownerOf: (dims: number) => Owner | undefined;
  /** By organization, team and user, then by minute. */
  readonly #byOwner = new Map<Owner, Map<number, Sum>>();
  count = 0;

  constructor(ownerOf: (dims: number) => Owner | undefined) {
    this.#ownerOf = ownerOf;
  }

  add(timeMs: number, dims: number, text: string): void {
    const { requests, input_tokens = 0, cache_creation_tokens = 0, output_tokens = 0 } = readAmounts(text);
    if (requests === undefined) return;
    const owner = this.#ownerOf(dims);
    if (owner === undefined) return;
    const startMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const minutes = this.#byOwner.getOrInsertComputed(owner, () => new Map<number, Sum>());
    const sum = minutes.getOrInsertComputed(startMs, () => this.#new(startMs, owner));
    sum.requests += requests;
    sum.inputTokens += input_tokens + cache_creation_tokens;
    sum.outputTokens += output_tokens;
  }

  #new(startMs: number, owner: Owner): Sum {
    this.count++;
    return { startMs, ...owner, requests: 0, inputTokens: 0, outputTokens: 0 };
  }

  rows(): Sum[] {
    return [...this.#byOwner.values()].flatMap((minutes) => [...minutes.values()]).sort(inOrder);
  }
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const inOrder = (a: Sum, b: Sum): number =>
  a.startMs - b.startMs || byName(a.organization, b.organization) || byName(a.team, b.team) || byName(a.user, b.user);

/** The same object for all dimensions of one owner; undefined for what is not within. */
function ownersOf(database: DatabaseSync, { within = [] }: UserMinutesQuery): (dims: number) => Owner | undefined {
  const inside = valuesOf(within, 'd');
  const statement: StatementSync = database.prepare(`SELECT d.organization, d.team, d.user FROM dims d WHERE d.id = ? AND ${inside.sql}`);
  const owners = new Map<string, Owner>();
  const known = new Map<number, Owner | undefined>();
  return (dims) =>
    known.getOrInsertComputed(dims, () => {
      const row = statement.get(dims, ...inside.parameters);
      if (row === undefined) return undefined;
      const owner = { organization: String(row.organization), team: String(row.team), user: String(row.user) };
      return owners.getOrInsertComputed(JSON.stringify(Object.values(owner)), () => owner);
    });
}
