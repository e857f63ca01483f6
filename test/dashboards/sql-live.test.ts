/**
 * The whole way at once: OTLP into a real collector whose ledger is in a real PostgreSQL, asked by a role that may only read, with the generated SQL,
 * beside the collector's own boards.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SELF_SERIES } from '../../collector/catalog/names.ts';
import type { BoardAnswer } from '../../collector/query/boards/answer.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { grantRead } from '../../collector/storage/postgres/read-grants.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { type LiveCollector, startLiveCollector } from '../exposition/live-collector.ts';
import { describeWithBackend } from '../support/backends.ts';
import { targetAt } from '../support/postgres-ledger.ts';
import { type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait.ts';
import { differences } from './compare.ts';
import { pageShows } from './shown.ts';
import { sqlShows } from './sql-shown.ts';

const PEOPLE = Array.from({ length: 18 }, (_, index) => ({
  user: `person-${index}@example.com`,
  // No two sums are equal: which of two equal users falls below the cut is left open.
  usd: Number((0.005343 * 1.37 ** index).toFixed(6)),
  inputTokens: 100 + index,
  ...(index % 3 > 0 && { team: index % 3 === 1 ? 'platform' : 'data' }),
}));
const SPENT = PEOPLE.reduce((sum, { usd }) => sum + usd, 0);

/** What is about the present, of the ledger as a whole. */
const toDate = BOARDS.flatMap(({ id, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap((panel) => (panel.query.source === 'ledger' && panel.query.window !== 'range' ? [[`${id}/${panel.id}`, id, panel] as const] : [])),
  ),
).filter(([, , { query }]) => query.source === 'ledger' && query.versus === undefined);

describeWithBackend('postgres18', 'boards over SQL beside the collector’s own', () => {
  let server: RunningPostgres;
  let collector: LiveCollector;
  let reader: Database;

  beforeAll(async () => {
    server = await startPostgres({ version: 18 });
    const url = await server.createDatabase();
    collector = await startLiveCollector({ storage: { url } });
    await collector.send(...PEOPLE);
    const owner = new Database(targetAt(url), { name: 'owner', max: 1, wants: 'primary', statementMs: 30_000 });
    await owner.run('CREATE ROLE grafana LOGIN');
    await owner.transaction((sql) => grantRead(sql, 'grafana'));
    await owner.close();
    reader = new Database({ ...targetAt(url), user: 'grafana' }, { name: 'reader', max: 2, wants: 'primary', statementMs: 15_000 });
  }, 240_000);
  afterAll(async () => {
    await reader?.close();
    await collector?.stop();
    await server?.destroy();
  });

  test.each(toDate)('%s shows the same to the cent', async (_, board, declared) => {
    const answer = (await (await fetch(`${collector.api}/api/v1/boards/${board}`)).json()) as BoardAnswer; // The wire edge: our own server's answer.
    const own = answer.panels[declared.id];
    if (own === undefined) throw new Error(`Board ${board} has no answer for ${declared.id}.`);
    const nowMs = Date.now();
    const shown = await sqlShows(declared, reader, { board, nowMs, fromMs: nowMs - 3_600_000, toMs: nowMs });
    expect(differences(shown, pageShows(declared, own))).toEqual([]);
  });

  test('gauges and the collector’s own series come a moment later', async () => {
    const cost = () => reader.rows(`SELECT value FROM gauges WHERE metric = 'ledger_cost'`);
    await waitFor('the gauges', cost, { until: ([row]) => Math.abs(Number(row?.value) - SPENT) < 1e-9, timeoutMs: 180_000 });
    const [received] = await reader.rows(`SELECT sum(value) AS total FROM collector_series WHERE series = '${SELF_SERIES.receivedRequests}_total'`);
    expect(Number(received?.total)).toBeGreaterThan(0);
    const [age] = await reader.rows('SELECT as_of_s, gauges_s FROM ledger');
    expect([Number(age?.as_of_s) > 0, Number(age?.gauges_s) > 0]).toEqual([true, true]);
  }, 240_000);
});
