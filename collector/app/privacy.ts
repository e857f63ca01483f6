/**
 * A person out of everything that is kept: budgets, alerts and messages, statement lines, then the ledger, then the directory. These two know the
 * person's other names, each for as long as it holds them, so they come last: run again after an interruption, it finds what is left.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { type ErasedRecords, Eraser, type PersonalRecords } from '../ledger/erasure.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { ErasureOutcome, ErasureRequest } from '../query/personal-data.ts';
import { openDirectoryRecords, openPersonalRecords, openStatementRecords } from '../storage/open.ts';
import { type Forget, forgetLearnt } from './learnt-prices.ts';
import { storedDirectory } from './stored-directory.ts';

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
  const given = withPseudonyms(await everyNameOf(users, config, nowMs), config);
  const asked = { names: given, pseudonym: `erased-${randomBytes(PSEUDONYM_BYTES).toString('base64url')}`, isRemembered };
  const { names, pseudonym } = await ledger.erase({ ...asked, isTrial: true, otherNames: 'asked' });
  const [records, statements, directory] = await Promise.all([
    openPersonalRecords(config),
    openStatementRecords(config),
    openDirectoryRecords(config),
  ]);
  try {
    const eraser = new Eraser(names, pseudonym);
    const eraseRecords = (): Promise<ErasedRecords> => records.erase(eraser, { atMs: nowMs, who, what: 'erased', subject: pseudonym }, isTrial);
    const changed = [await eraseRecords()];
    if (!isTrial) await forgetPrices((model) => eraser.value('model', model) !== model);
    const lines = await statements.erase(eraser, { isRemembered, isTrial });
    // Names that the ledger alone has for the person; by the others the directory is asked the next time.
    const others = new Eraser(
      names.filter((name) => !given.includes(name)),
      pseudonym,
    );
    const early = isTrial ? 0 : await directory.erase(others, isTrial);
    const erased = await ledger.erase({ names, pseudonym, isRemembered, isTrial, otherNames: 'given' });
    // A running collector may have noted an alert meanwhile.
    if (!isTrial && isAny(await records.find(eraser))) changed.push(await eraseRecords());
    const received = early + (await directory.erase(eraser, isTrial));
    while (!isTrial && !((await records.wipe()) && (await statements.wipe()) && (await directory.wipe()))) await setTimeout(WIPE_WAIT_MS);
    const isInConfiguration = JSON.stringify(eraser.data(config)) !== JSON.stringify(config);
    return { ...erased, ...sumOf(changed), statements: lines, directory: received, isInConfiguration };
  } finally {
    await records.close();
    await statements.close();
    await directory.close();
  }
}

const isAny = ({ budgets, alerts, messages }: PersonalRecords): boolean => budgets.length + alerts.length + messages.length > 0;

const sumOf = (changed: readonly ErasedRecords[]): ErasedRecords => ({
  budgets: changed.reduce((sum, { budgets }) => sum + budgets, 0),
  alerts: changed.reduce((sum, { alerts }) => sum + alerts, 0),
  messages: changed.reduce((sum, { messages }) => sum + messages, 0),
});

/** These, and every name that the directory has for the same users: who is erased under one is erased under all. */
export async function everyNameOf(users: readonly string[], config: Config, nowMs: number): Promise<readonly string[]> {
  const directory = await storedDirectory(config);
  return [...new Set(users.flatMap((user) => [user, ...directory.everyName(directory.canonical(normalizeUser(user), nowMs))]))];
}

/** A person is stored under a pseudonym where the configuration asks for it; before it did, under the name. */
export function withPseudonyms(users: readonly string[], config: Config): readonly string[] {
  const pseudonymize = loadPseudonymizer(config.attribution);
  const names = [...new Set(users.map(normalizeUser))];
  return pseudonymize === undefined ? names : [...names, ...names.map(pseudonymize)];
}
