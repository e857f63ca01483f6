/** A person out of everything that is kept: the ledger first, then budgets, alerts and messages, statement lines, the directory. Run again after an interruption, it goes on. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { loadDirectory } from '../directory/load.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { Eraser } from '../ledger/erasure.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { ErasureOutcome, ErasureRequest } from '../query/personal-data.ts';
import { openDirectoryRecords, openPersonalRecords, openStatementRecords, readDirectory } from '../storage/open.ts';
import { type Forget, forgetLearnt } from './learnt-prices.ts';

const PSEUDONYM_BYTES = 9;
/** Until those who read an older state are done. */
const WIPE_WAIT_MS = 250;

export interface Erasing {
  readonly ledger: Pick<LedgerWriter, 'erase'>;
  readonly config: Config;
  readonly nowMs: number;
  /** Of a collector that learns prices; omitted: none does. */
  readonly forgetPrices?: Forget;
}

/** `who`: as in the audit of budgets. Resolves when the bytes are gone from the data folder. */
export async function erasePerson(
  { users, isRemembered, isTrial, who }: ErasureRequest,
  { ledger, config, nowMs, forgetPrices = forgetLearnt(config) }: Erasing,
): Promise<ErasureOutcome> {
  const names = withPseudonyms(await everyNameOf(users, config, nowMs), config);
  const pseudonym = `erased-${randomBytes(PSEUDONYM_BYTES).toString('base64url')}`;
  const erased = await ledger.erase({ names, pseudonym, isRemembered, isTrial });
  const [records, statements, directory] = await Promise.all([
    openPersonalRecords(config),
    openStatementRecords(config),
    openDirectoryRecords(config),
  ]);
  try {
    const eraser = new Eraser(erased.names, erased.pseudonym);
    const changed = await records.erase(eraser, { atMs: nowMs, who, what: 'erased', subject: erased.pseudonym }, isTrial);
    if (!isTrial) await forgetPrices((model) => eraser.value('model', model) !== model);
    const lines = await statements.erase(eraser, { isRemembered, isTrial });
    const received = await directory.erase(eraser, isTrial);
    while (!isTrial && !((await records.wipe()) && (await statements.wipe()) && (await directory.wipe()))) await setTimeout(WIPE_WAIT_MS);
    const isInConfiguration = JSON.stringify(eraser.data(config)) !== JSON.stringify(config);
    return { ...erased, ...changed, statements: lines, directory: received, isInConfiguration };
  } finally {
    await records.close();
    await statements.close();
    await directory.close();
  }
}

/** These, and every name that the directory has for the same users: who is erased under one is erased under all. */
export async function everyNameOf(users: readonly string[], config: Config, nowMs: number): Promise<readonly string[]> {
  const store = await readDirectory(config);
  try {
    const directory = loadDirectory(config, await store.stored());
    return [...new Set(users.flatMap((user) => [user, ...directory.everyName(directory.canonical(normalizeUser(user), nowMs))]))];
  } finally {
    await store.close();
  }
}

/** A person is stored under a pseudonym where the configuration asks for it; before it did, under the name. */
export function withPseudonyms(users: readonly string[], config: Config): readonly string[] {
  const pseudonymize = loadPseudonymizer(config.attribution);
  const names = [...new Set(users.map(normalizeUser))];
  return pseudonymize === undefined ? names : [...names, ...names.map(pseudonymize)];
}
