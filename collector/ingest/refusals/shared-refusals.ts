/** What the receivers of several replicas refused, each in a file of its own that all can read. */
import { randomUUID } from 'node:crypto';
import type { RefusalTotal } from '../../catalog/refusals.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { KeptFiles } from '../../core/kept-files.ts';
import { parseRefusals } from './refusal-file.ts';
import { SENDERS_MAX } from './register.ts';

const FOLDER = 'refusals/';
/** A replica that is gone: what it refused is over. */
const GONE_MS = 8 * DAY_MS;

export interface SharedRefusals {
  /** What this replica refused, for the others. */
  write(totals: readonly RefusalTotal[]): Promise<void>;
  /** With what the others refused, the latest first. `own`: of this replica, as it is now. */
  all(own: readonly RefusalTotal[]): Promise<readonly RefusalTotal[]>;
  close(): Promise<void>;
}

/** A replica that starts again has another file: the former one stays until it is over. */
export function shareRefusals(files: KeptFiles, now: () => number): SharedRefusals {
  const name = `${FOLDER}${randomUUID()}.json`;
  return {
    write: async (totals) => {
      await files.change(name, () => Buffer.from(JSON.stringify(totals)));
      await files.removeBefore(FOLDER, now() - GONE_MS);
    },
    all: async (own) => {
      const kept = await files.all(FOLDER);
      return addedRefusals([own, ...[...kept].filter(([other]) => other !== name).map(([, bytes]) => parseRefusals(bytes))]);
    },
    close: () => files.close(),
  };
}

/** For who refuses nothing, such as commands. */
export const keptRefusals = async (files: Pick<KeptFiles, 'all'>): Promise<readonly RefusalTotal[]> =>
  addedRefusals([...(await files.all(FOLDER)).values()].map(parseRefusals));

/** By kind and detail, with the latest senders of all. */
export function addedRefusals(lists: readonly (readonly RefusalTotal[])[]): readonly RefusalTotal[] {
  const groups = Map.groupBy(lists.flat(), ({ kind, detail }) => JSON.stringify([kind, detail]));
  return [...groups.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [others.reduce(added, first)])).sort(latestFirst);
}

const latestFirst = (one: { readonly lastMs: number }, other: { readonly lastMs: number }): number => other.lastMs - one.lastMs;

function added(one: RefusalTotal, other: RefusalTotal): RefusalTotal {
  const byAddress = Map.groupBy([...one.senders, ...other.senders], ({ address }) => address);
  const senders = [...byAddress]
    .map(([address, own]) => ({
      ...{ address, count: own.reduce((sum, { count }) => sum + count, 0) },
      lastMs: Math.max(...own.map(({ lastMs }) => lastMs)),
    }))
    .sort(latestFirst);
  return {
    ...{ kind: one.kind, detail: one.detail, count: one.count + other.count },
    ...{ firstMs: Math.min(one.firstMs, other.firstMs), lastMs: Math.max(one.lastMs, other.lastMs), senders: senders.slice(0, SENDERS_MAX) },
    hasMoreSenders: one.hasMoreSenders || other.hasMoreSenders || senders.length > SENDERS_MAX,
  };
}
