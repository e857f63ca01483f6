/** A real ledger on PostgreSQL, in a database of its own. */
import { defaultConfig } from '../../collector/config/config.ts';
import type { CalendarOptions, WeekStart } from '../../collector/core/calendar.ts';
import type { LedgerReader, LedgerWriter } from '../../collector/ledger/ledger.ts';
import { openReader, type ReaderOptions } from '../../collector/storage/postgres/ledger-reader.ts';
import { openWriter } from '../../collector/storage/postgres/ledger-writer.ts';
import { openTables } from '../../collector/storage/postgres/opening.ts';
import { storable } from '../../collector/storage/postgres/sql-text.ts';
import { type Target, targetOf } from '../../collector/storage/postgres/target.ts';
import type { RunningPostgres } from './postgres-server.ts';

export interface TestLedger {
  readonly target: Target;
  readonly writer: LedgerWriter;
  readonly reader: LedgerReader;
  kept(text: string): string;
  reopen(options?: Partial<CalendarOptions>): Promise<TestLedger>;
  destroy(): Promise<void>;
}

type Options = Partial<CalendarOptions> & Pick<Parameters<typeof openWriter>[0], 'limits' | 'afterEach'>;
type Limits = Parameters<typeof openReader>[1] & Pick<ReaderOptions, 'pageRows' | 'onStatement'>;

export function targetAt(url: string): Target {
  const target = targetOf({ storage: { ...defaultConfig().storage, url } });
  if (target === undefined) throw new Error(`${url} is no address of a database`);
  return target;
}

interface TableOptions {
  readonly slots?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly weekStart?: WeekStart | undefined;
}

const originals = new WeakMap<RunningPostgres, Map<string, Promise<string>>>();

/** The address of a database that has its tables: made once for a server, and copied for each test, which takes a twentieth of the time. */
export async function createLedgerDatabase(server: RunningPostgres, options: TableOptions = {}): Promise<string> {
  const { slots = 1, timeZone = 'UTC', weekStart = 'monday' } = options;
  const made = originals.getOrInsertComputed(server, () => new Map());
  const original = made.getOrInsertComputed([slots, timeZone, weekStart].join(), async () => {
    const url = await server.createDatabase();
    await openTables({ target: targetAt(url), timeZone, weekStart }, { slots });
    return url;
  });
  return server.createDatabase(await original);
}

/** `slots`: in how many shards sessions are kept. Default: 1. */
export async function openTestLedger(
  server: RunningPostgres,
  options: Options & { readonly slots?: number } = {},
  limits: Limits = {},
): Promise<TestLedger> {
  const { slots, ...own } = options;
  const { timeZone, weekStart } = own;
  const url = await createLedgerDatabase(server, { slots, timeZone, weekStart });
  return openIn({ target: targetAt(url), drop: () => server.dropDatabase(url) }, own, limits);
}

interface Place {
  readonly target: Target;
  drop(): Promise<void>;
}

/** In a database that has its tables. */
export async function openIn(place: Place, options: Options, given: Limits): Promise<TestLedger> {
  const { target } = place;
  const { pageRows, onStatement, ...limits } = given;
  const calendar = { timeZone: 'UTC', weekStart: 'monday', ...options } as const;
  const writer = await openWriter({ target, ...calendar, otherCalendar: 'rebuild' });
  const reader = openReader(
    { target, ...calendar, ...(pageRows !== undefined && { pageRows }), ...(onStatement !== undefined && { onStatement }) },
    limits,
  );
  const close = async () => {
    await reader.close();
    await writer.close();
  };
  return {
    target,
    writer,
    reader,
    kept: storable,
    async reopen(changed = {}) {
      await close();
      return openIn(place, { ...options, ...changed }, given);
    },
    async destroy() {
      await close();
      await place.drop();
    },
  };
}
