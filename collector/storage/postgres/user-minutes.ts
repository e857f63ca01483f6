/** User-minutes, added up from the entries of all sessions of the time. */
import { type UserMinute, type UserMinuteOwner, UserMinuteSums, type UserMinutesQuery, wholeMinute } from '../../ledger/user-minutes.ts';
import { readAmounts } from '../batch-codec.ts';
import { DATED } from '../stored-entries.ts';
import { all, plain, valuesOf } from './conditions.ts';
import type { Transaction } from './connection.ts';
import { entriesBetween } from './entries-between.ts';
import { int } from './sql-text.ts';

/** Undefined beyond rowsMax. Entries that were removed because of their age are no part of it. */
export async function userMinutes(sql: Transaction, query: UserMinutesQuery): Promise<UserMinute[] | undefined> {
  const { within = [], rowsMax } = query;
  const range = { fromMs: wholeMinute(query.fromMs), toMs: wholeMinute(query.toMs) };
  const inside = all(plain(DATED), valuesOf(within, 'd'));
  const owners = new Owners();
  const sums = new UserMinuteSums((dims) => owners.of(dims));
  for await (const page of entriesBetween(sql, range, 'e.time_ms, e.dims, e.amounts, d.organization, d.team, d."user"', inside)) {
    for (const [timeMs, dims, amounts, organization, team, user] of page) {
      owners.note(int(dims), { organization: String(organization), team: String(team), user: String(user) });
      sums.add(int(timeMs), int(dims), readAmounts(String(amounts)));
    }
    if (sums.count > rowsMax) return undefined;
  }
  return sums.rows();
}

/** The same object for all dimensions of one owner. */
class Owners {
  readonly #byName = new Map<string, UserMinuteOwner>();
  readonly #byDims = new Map<number, UserMinuteOwner>();

  of(dims: number): UserMinuteOwner | undefined {
    return this.#byDims.get(dims);
  }

  note(dims: number, owner: UserMinuteOwner): void {
    this.#byDims.getOrInsertComputed(dims, () => this.#byName.getOrInsertComputed(JSON.stringify(Object.values(owner)), () => owner));
  }
}
