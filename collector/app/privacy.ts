/** A person out of everything that is kept: the ledger first, then budgets, alerts and messages, then statement lines. Run again after an interruption, it goes on. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { normalizeUser } from '../catalog/values.ts';
import type { Config } from '../config/config.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { Eraser } from '../ledger/erasure.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { ErasureOutcome, ErasureRequest } from '../query/personal-data.ts';
import { openPersonalRecords, openStatementRecords } from '../storage/open.ts';

const PSEUDONYM_BYTES = 9;
/** Until those who read an older state are done. */
const WIPE_WAIT_MS = 250;

/** `who`: as in the audit of budgets. Resolves when the bytes are gone from the data folder. */
export async function erasePerson(
  { users, isRemembered, isTrial, who }: ErasureRequest,
  { ledger, config, nowMs }: { readonly ledger: Pick<LedgerWriter, 'erase'>; readonly config: Config; readonly nowMs: number },
): Promise<ErasureOutcome> {
  const names = withPseudonyms(users, config);
  const pseudonym = `erased-${randomBytes(PSEUDONYM_BYTES).toString('base64url')}`;
  const erased = await ledger.erase({ names, pseudonym, isRemembered, isTrial });
  const [records, statements] = [openPersonalRecords(config), openStatementRecords(config)];
  try {
    const eraser = new Eraser(erased.names, erased.pseudonym);
    const changed = records.erase(eraser, { atMs: nowMs, who, what: 'erased', subject: erased.pseudonym }, isTrial);
    const lines = statements.erase(eraser, { isRemembered, isTrial });
    while (!isTrial && !(records.wipe() && statements.wipe())) await setTimeout(WIPE_WAIT_MS);
    return { ...erased, ...changed, statements: lines, isInConfiguration: JSON.stringify(eraser.data(config)) !== JSON.stringify(config) };
  } finally {
    records.close();
    statements.close();
  }
}

/** A person is stored under a pseudonym where the configuration asks for it; before it did, under the name. */
export function withPseudonyms(users: readonly string[], config: Config): readonly string[] {
  const pseudonymize = loadPseudonymizer(config.attribution);
  const names = [...new Set(users.map(normalizeUser))];
  return pseudonymize === undefined ? names : [...names, ...names.map(pseudonymize)];
}
