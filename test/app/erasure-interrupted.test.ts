/** An erasure that is killed at any step: run again, it finds every name that the user had. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { erasePerson } from '../../collector/app/privacy.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import type { LedgerWriter } from '../../collector/ledger/ledger.ts';
import { joinKeyOf } from '../../collector/ledger/pools.ts';
import { failAt, useDatabase } from '../storage/postgres/writing.ts';
import { describeWithBackend } from '../support/backends.ts';
import { event, NOON } from '../support/entries.ts';

const ALICE = 'alice@example.com';
/** The ledger knows them for one user by a session that says both, the directory by a merge. */
const ACCOUNT = 'account-0001';
const FORMER = 'alice.former@example.com';
const NAMES = /alice|account-0001/i;

describeWithBackend(['postgres15'], 'an erasure that is killed', () => {
  const kept = useDatabase();
  let ledger: LedgerWriter;
  beforeEach(async () => {
    ledger = await kept.open();
    const keys = [joinKeyOf(ALICE), joinKeyOf(ACCOUNT)];
    const entries = [
      event({ id: 'a', sessionId: 'a', user: ALICE, keys }),
      event({ id: 'b', sessionId: 'b', user: ACCOUNT, keys }),
      event({ id: 'c', sessionId: 'c', user: FORMER }),
      event({ id: 'd', sessionId: 'd', user: 'bob@example.com' }),
    ];
    await ledger.append({ entries, receivedMs: NOON });
    for (const [index, name] of [ALICE, ACCOUNT, FORMER].entries()) {
      await kept.database.run(`INSERT INTO alerts VALUES ($1, 'firing', 1, NULL, $2)`, [`people/${name}`, JSON.stringify({ subject: name })]);
      await kept.database.run(`INSERT INTO statement_names VALUES ('user', $1, $2)`, [`id-${index}`, name]);
    }
    const merge = 'INSERT INTO directory_merges VALUES ($1, 1, $2, $3, $4)';
    await kept.database.run(merge, [1, 'admin', FORMER, ALICE]);
    await kept.database.run(merge, [2, ACCOUNT, 'robert@example.com', 'bob@example.com']);
  });
  afterEach(() => ledger.close());

  const erase = (by: Pick<LedgerWriter, 'erase'> = ledger) => {
    const config = defaultConfig();
    const url = kept.server.urlOf(kept.target.database);
    return erasePerson(
      { users: [ALICE], isRemembered: true, isTrial: false, who: 'test' },
      { ledger: by, config: { ...config, storage: { ...config.storage, url } }, nowMs: NOON },
    );
  };
  /** Tables that have a row with one of the names. */
  const named = async (): Promise<readonly string[]> => {
    const tables = await kept.database.rows(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`);
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await kept.database.rows(`SELECT t::text AS text FROM ${String(name)} t`);
      if (rows.some(({ text }) => NAMES.test(String(text)))) found.push(String(name));
    }
    return found;
  };
  const killedAt = (table: string) => failAt(kept.database, table, 1, `RAISE EXCEPTION 'killed'`);
  const expectNothingLeft = async (table?: string) => {
    expect(await named()).not.toEqual([]);
    if (table !== undefined) await kept.database.run(`DROP TRIGGER fail ON ${table}`);
    const { names } = await erase();
    expect(names).toEqual(expect.arrayContaining([ALICE]));
    expect(await named()).toEqual([]);
    expect(await kept.count(`dims WHERE "user" = 'bob@example.com'`)).toBeGreaterThan(0);
  };

  test.each(['privacy_audit', 'statement_names', 'directory_merges', 'dims'])('when it changes %s', async (table) => {
    await killedAt(table);
    await expect(erase()).rejects.toThrow();
    await expectNothingLeft(table);
  });

  test('when it has changed the ledger', async () => {
    const killed: Pick<LedgerWriter, 'erase'> = {
      async erase(erasure) {
        const erased = await ledger.erase(erasure);
        if (!erasure.isTrial) throw new Error('killed');
        return erased;
      },
    };
    await expect(erase(killed)).rejects.toThrow('killed');
    await expectNothingLeft();
  });

  test('when it changes the directory at last', async () => {
    const killed: Pick<LedgerWriter, 'erase'> = {
      async erase(erasure) {
        const erased = await ledger.erase(erasure);
        if (!erasure.isTrial) await killedAt('directory_merges');
        return erased;
      },
    };
    await expect(erase(killed)).rejects.toThrow();
    await expectNothingLeft('directory_merges');
  });

  test('and a running collector notes an alert with the name meanwhile', async () => {
    const late: Pick<LedgerWriter, 'erase'> = {
      async erase(erasure) {
        if (!erasure.isTrial)
          await kept.database.run(`INSERT INTO alerts VALUES ('late', 'firing', 1, NULL, $1)`, [JSON.stringify({ subject: ACCOUNT })]);
        return ledger.erase(erasure);
      },
    };
    expect(await erase(late)).toMatchObject({ alerts: 4 });
    expect(await named()).toEqual([]);
  });
});
