/** The journal of budgets over a store of its entries. What of it holds together, and with whom, is the store's business. */
import type { JournalWithin } from '../budgets/journal.ts';
import type { RequestsAsked } from '../budgets/request.ts';
import {
  auditOf,
  type EntryRow,
  endedEntry,
  type InForce,
  inForceOf,
  type NewEntry,
  newsOf,
  raisedEntry,
  removedEntry,
  requestedEntry,
  requestOf,
  setEntry,
  withConfigured,
} from './budget-rows.ts';

/** Rows come the oldest first, requests the newest. */
export interface EntryTable {
  /** Another number after every change of entries that are in force, by whomever. */
  revision(): Promise<number>;
  inForce(): Promise<readonly EntryRow[]>;
  /** Of one budget, or of all. */
  entries(name: string | undefined): Promise<readonly EntryRow[]>;
  /** With what ended them. */
  requests(asked: RequestsAsked): Promise<readonly EntryRow[]>;
  request(id: number): Promise<EntryRow | undefined>;
  news(afterEntry: number): Promise<readonly EntryRow[]>;
  requestsSince(ms: number): Promise<number>;
  /** Answers its id. */
  append(entry: NewEntry): Promise<number>;
}

/** What was in force at a revision. */
export interface JournalMemory {
  known?: { readonly revision: number; readonly inForce: InForce } | undefined;
}

export function journalOver(table: EntryTable, memory: JournalMemory): Omit<JournalWithin, 'atomically'> {
  return {
    revision: () => table.revision(),
    budgets: async (configured) => withConfigured(await inForceIn(table, memory), configured),
    audit: async (name) => auditOf(await table.entries(name)),
    requests: async (asked) => (await table.requests(asked)).map(requestOf),
    findRequest: async (id) => {
      const row = await table.request(id);
      return row === undefined ? undefined : requestOf(row);
    },
    requestNews: async (afterEntry) => (await table.news(afterEntry)).map(newsOf),
    requestsSince: (ms) => table.requestsSince(ms),
    set: async (budget, change) => void (await table.append(setEntry(budget, change))),
    remove: async (name, change) => void (await table.append(removedEntry(name, change))),
    raise: async (raise, change) => ({ ...raise, id: await table.append(raisedEntry(raise, change)), ...change }),
    request: async (request, change) => ({ ...request, id: await table.append(requestedEntry(request, change)), ...change, decision: undefined }),
    end: async (request, what, why, change) => void (await table.append(endedEntry(request, what, why, change))),
  };
}

/** Read again only after a change, by whichever process. The revision first: what comes in between is seen as a change. */
async function inForceIn(table: EntryTable, memory: JournalMemory): Promise<InForce> {
  const revision = await table.revision();
  if (memory.known?.revision === revision) return memory.known.inForce;
  const inForce = inForceOf(await table.inForce());
  memory.known = { revision, inForce };
  return inForce;
}
