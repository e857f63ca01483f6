/** Two names of one user become one: what is booked, budgets and messages, and the directory, so that later records follow. */
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { loadDirectory } from '../directory/load.ts';
import type { Merge } from '../directory/store.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { type ErasedRecords, UserFieldEraser } from '../ledger/erasure.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { MergeOutcome, MergeRequest } from '../query/personal-data.ts';
import { openDirectory, openPersonalRecords, readDirectory } from '../storage/open.ts';

interface MergeContext {
  readonly ledger: Pick<LedgerWriter, 'rename'>;
  readonly config: Config;
  readonly nowMs: number;
  /** The directory has another alias: what is received from then on is the user's. */
  readonly noted?: () => Promise<void>;
}

/** Throws `invalid` for a name that is the user's already. Done again after an interruption, it goes on. */
export async function mergeUsers({ alias, user, isTrial, who }: MergeRequest, { ledger, config, nowMs, noted }: MergeContext): Promise<MergeOutcome> {
  const [from, named] = [normalizeUser(alias), normalizeUser(user)];
  if (isSame(from, named)) throw new LedgerlineError('invalid', `${alias} is ${user} already.`, { hint: 'Name two different users.' });
  const to = await ownerOf(from, named, { config, nowMs });
  const names = pairsOf(from, to, config);
  // First, so that nothing comes under the alias once it is taken out of the ledger.
  if (!isTrial) await noteMerge({ atMs: nowMs, who, alias: from, user: to }, config);
  await noted?.();
  const renamed = await ledger.rename({ names, isTrial });
  const records = await openPersonalRecords(config);
  try {
    const changed: ErasedRecords[] = [];
    for (const [one, other] of names) {
      changed.push(await records.erase(new UserFieldEraser(one, other), { atMs: nowMs, who, what: 'merged', subject: other }, isTrial));
    }
    const sum = (key: 'budgets' | 'alerts' | 'messages'): number => changed.reduce((all, one) => all + one[key], 0);
    return { alias: from, user: to, ...renamed, budgets: sum('budgets'), alerts: sum('alerts'), messages: sum('messages') };
  } finally {
    await records.close();
  }
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Whose the alias is once it is merged: what is booked has to be where later records are, also where it is merged into an alias. */
async function ownerOf(from: string, named: string, { config, nowMs }: Pick<MergeContext, 'config' | 'nowMs'>): Promise<string> {
  const store = await readDirectory(config);
  try {
    const { received, merges } = await store.stored();
    const merged = { received, merges: [...merges, { id: 0, atMs: nowMs, who: '', alias: from, user: named }] };
    const owner = loadDirectory(config, merged).canonical(from, nowMs);
    return isSame(owner, from) ? named : normalizeUser(owner);
  } finally {
    await store.close();
  }
}

async function noteMerge(merge: Omit<Merge, 'id'>, config: Config): Promise<void> {
  const directory = await openDirectory(config);
  try {
    await directory.changing((change) => change.addMerge(merge));
  } finally {
    await directory.close();
  }
}

/** With pseudonyms what is stored is theirs; what was stored before is under the names. */
function pairsOf(from: string, to: string, { attribution }: Config): readonly (readonly [string, string])[] {
  const pseudonymize = loadPseudonymizer(attribution);
  const plain = [from, to] as const;
  return pseudonymize === undefined ? [plain] : [plain, [pseudonymize(from), pseudonymize(to)]];
}
