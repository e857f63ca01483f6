import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openAlertStore } from '../../../collector/storage/postgres/alert-store.ts';
import { openBudgetStore, readBudgetJournal } from '../../../collector/storage/postgres/budget-store.ts';
import { lockGateway, openGatewayStore } from '../../../collector/storage/postgres/gateway-store.ts';
import { openOperatorRecords } from '../../../collector/storage/postgres/operator-records.ts';
import type { Target } from '../../../collector/storage/postgres/target.ts';
import { describeWithBackend } from '../../support/backends.ts';
import { createLedgerDatabase, targetAt } from '../../support/postgres-ledger.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait.ts';
import { describeBudgets } from '../contract/budgets/budgets.ts';
import { budget, by } from '../contract/budgets/suite.ts';
import { describeGatewayRecords } from '../contract/gateway/gateway.ts';
import { describeOperatorRecords } from '../contract/operator/operator-records.ts';
import { describeOutbox } from '../contract/outbox/outbox.ts';
import { delivery, record } from '../contract/outbox/suite.ts';
import { connect, holding } from './beside-ledger.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  describeWithBackend(backendOf(version), 'budgets, alerts, gateways and operator records', () => {
    let server: RunningPostgres;
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterAll(() => server?.destroy());

    const newTarget = async (): Promise<Target> => targetAt(await createLedgerDatabase(server));
    const placeOf =
      <Store>(open: (target: Target) => Store) =>
      async () => {
        const target = await newTarget();
        return { open: () => open(target), destroy: () => undefined };
      };

    describeBudgets(`PostgreSQL ${version}`, placeOf(openBudgetStore));
    describeOutbox(`PostgreSQL ${version}`, placeOf(openAlertStore));
    describeGatewayRecords(`PostgreSQL ${version}`, async () => {
      const target = await newTarget();
      return { open: () => openGatewayStore(target), lock: () => lockGateway(target), destroy: () => undefined };
    });
    describeOperatorRecords(`PostgreSQL ${version}`, async () => {
      const target = await newTarget();
      return {
        open: () => openOperatorRecords(target),
        journal: () => openBudgetStore(target),
        outbox: () => openAlertStore(target),
        gateways: () => openGatewayStore(target),
        holding: (pattern) => holding(server, target, pattern),
        destroy: () => undefined,
      };
    });

    test('nothing is made by who only reads, and all that is needed by several who write first', async () => {
      const target = targetAt(await server.createDatabase());
      const [journal, outbox] = [readBudgetJournal(target), openAlertStore(target)];
      expect([await journal.revision(), await journal.audit(), await outbox.records()]).toEqual([0, [], []]);
      await Promise.all([journal.close(), outbox.close()]);
      const database = connect(target);
      expect(await database.rows(`SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual([]);
      await database.close();
      const stores = [openBudgetStore(target), openBudgetStore(target), openBudgetStore(target)];
      await Promise.all(stores.map((store, index) => store.set(budget(`b${index}`), by('ops'))));
      expect(await stores[0]?.budgets([])).toHaveLength(3);
      await Promise.all(stores.map((store) => store.close()));
    });

    test('texts that PostgreSQL cannot hold are kept all the same', async () => {
      const target = await newTarget();
      const [journal, outbox] = [openBudgetStore(target), openAlertStore(target)];
      const asked = { key: 'a', amount: 1n, unit: 'usd', untilMs: 9, why: 'half \ud83d', user: 'a\0b', expiresMs: 9 } as const;
      const { id } = await journal.request(asked, by('x\0'));
      expect(await journal.requests({ user: 'a\0b', limit: 9 })).toMatchObject([{ id, user: 'a\0b', who: 'x\ufffd', why: 'half \ud83d' }]);
      await outbox.commit({ records: [record('r\0')], deliveries: [delivery('d\0', { subject: 's\0' })] });
      await outbox.failed('d\0', 'e\0', 5);
      expect(await outbox.due(9, 9)).toMatchObject([{ id: 'd\ufffd', subject: 's\ufffd', error: 'e\ufffd' }]);
      expect(await outbox.known(['r\0'])).toHaveLength(1);
      await Promise.all([journal.close(), outbox.close()]);
    });

    test('many who write at once number entries and revisions in the order of their commits', async () => {
      const target = await newTarget();
      const journals = Array.from({ length: 6 }, () => openBudgetStore(target));
      const [reader = openBudgetStore(target)] = journals;
      const seen: (readonly [number, number])[] = [];
      const writing = Promise.all(
        journals.map(async (journal, index) => {
          for (let count = 0; count < 10; count++) await journal.set(budget(`b${index}-${count}`), by('ops'));
        }),
      );
      let isOver = false;
      const watching = (async () => {
        while (!isOver) seen.push([await reader.revision(), (await reader.audit()).length]);
      })();
      await writing;
      isOver = true;
      await watching;
      expect([await reader.revision(), (await reader.audit()).map(({ id }) => id)]).toEqual([
        60,
        Array.from({ length: 60 }, (_, index) => 60 - index),
      ]);
      // What is read after a revision was seen has all that made it.
      for (const [revision, entries] of seen) expect(entries).toBeGreaterThanOrEqual(revision);
      await Promise.all(journals.map((journal) => journal.close()));
    });

    test('budgets are read again where a failover lost the change that had their revision, and another one got it', async () => {
      const target = await newTarget();
      const [journal, other, database] = [openBudgetStore(target), openBudgetStore(target), connect(target)];
      await journal.set(budget('lost'), by('ops'));
      const before = await journal.revision();
      expect((await journal.budgets([])).map(({ name }) => name)).toEqual(['lost']);
      await database.transaction(async (sql) => {
        await sql.run('SET LOCAL session_replication_role = replica');
        await sql.run('DELETE FROM budget_entries');
        await sql.run('UPDATE budget_state SET value = value - 1');
        await sql.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ledgerline budgets' AND datname = current_database()`,
        );
      });
      await other.set(budget('kept'), by('ops'));
      const names = () =>
        journal.budgets([]).then(
          (budgets) => budgets.map(({ name }) => name).join(),
          () => 'no answer',
        );
      await waitFor('an answer', async () => (await names()) !== 'no answer');
      expect(await names()).toBe('kept');
      expect(await journal.revision()).not.toBe(before);
      await Promise.all([journal.close(), other.close(), database.close()]);
    });

    test('a lock whose run was cut off is free for the next one, and the former does not confirm it', async () => {
      const target = await newTarget();
      const lock = await lockGateway(target);
      const database = connect(target);
      await database.run('UPDATE lease SET until_ms = 0');
      const next = await lockGateway(target);
      await expect(lock.confirm()).rejects.toMatchObject({ code: 'unavailable' });
      await next.confirm();
      await Promise.all([lock.release(), next.release(), database.close()]);
    });

    test('a database that is away is said to be', async () => {
      const journal = openBudgetStore({ user: 'nobody', database: 'none', hosts: [{ host: '127.0.0.1', port: 1 }] });
      await expect(journal.revision()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('The database is away') });
      await journal.close();
    });
  });
});
