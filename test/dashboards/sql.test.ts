/**
 * Every panel of every board over SQL: what a real PostgreSQL answers, with Grafana's macros and variables put in as Grafana does, is what the
 * ledger says at the same instant. The demo's organization is in an embedded ledger; its sums are copied as a shared ledger has them.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { VariableName } from '../../collector/catalog/board-variables.ts';
import type { GaugeName } from '../../collector/catalog/gauges.ts';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import { type Filter, storedValue } from '../../collector/catalog/values.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { parseSamples } from '../../collector/query/boards/self-rows.ts';
import type { GaugeContext } from '../../collector/query/gauges/gauge.ts';
import { GaugeRounds, samplesOfDay } from '../../collector/query/gauges/samples.ts';
import { Database } from '../../collector/storage/postgres/connection.ts';
import { followReadSchema } from '../../collector/storage/postgres/read-schema.ts';
import { LEDGER, replaceDay, replaceSamples } from '../../collector/storage/postgres/samples.ts';
import { migrate } from '../../collector/storage/postgres/schema.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { variablesOf } from '../../dashboards/grafana/sql/surroundings.ts';
import { describeWithBackend } from '../support/backends.ts';
import { copyLedger } from '../support/ledger-into-postgres.ts';
import { backendOf, POSTGRES_VERSIONS, type RunningPostgres, startPostgres } from '../support/postgres-server.ts';
import { differences, rowsOfZeros, withoutZeros } from './compare.ts';
import { DAY, type DemoHistory, HOUR, recordDemo, UTC } from './demo-history.ts';
import { gaugeFigures } from './gauge-figures.ts';
import { type Figures, ledgerFigures } from './ledger-figures.ts';
import { isLedgerTable } from './shown.ts';
import { sqlShows } from './sql-shown.ts';

/** A Wednesday afternoon, so that every window has begun. */
const END = Date.parse('2026-11-18T15:00:00Z');
const RANGE = { fromMs: END - 7 * DAY, toMs: END };

/** Panels that the demo's organization gives nothing to show, and why. */
const NOTHING_TO_SHOW: readonly string[] = ['budgets/anomaly-kind-scope-severity'];

interface Case {
  readonly name: string;
  readonly board: string;
  readonly panel: Panel;
}
const CASES: readonly Case[] = BOARDS.flatMap((board) =>
  board.rows.flatMap(({ panels }) => panels.map((panel) => ({ name: `${board.id}/${panel.id}`, board: board.id, panel }))),
).filter(({ panel }) => panel.visualization !== 'text');

const PICKED: Readonly<Record<VariableName, readonly string[]>> = {
  organization: ['acme'],
  team: ['platform', 'unallocated'],
  user: ['ada@example.com'],
  workspace: ['acme-api'],
  model: ['claude-opus-5-5'],
  repository: ['acme/api'],
};
type Selection = Readonly<Partial<Record<DimensionName, readonly string[]>>>;
const pickable = (names: readonly VariableName[]): Selection[] => {
  const each = names.map((name) => ({ [name]: PICKED[name] }));
  return each.length > 1 ? [...each, Object.assign({}, ...each)] : each;
};
const filtersOf = (selection: Selection): Filter[] =>
  (Object.entries(selection) as [DimensionName, readonly string[]][]).map(([dimension, values]) => ({
    dimension,
    values: values.map((value) => storedValue(dimension, value)),
  }));

const PRICES = loadPriceBook();
let demo: DemoHistory;
const contextOf = (where: readonly Filter[] = [], nowMs = END): GaugeContext => ({
  ...{ reader: demo.reader, scope: 'all', config: demo.config, prices: PRICES, budgets: demo.config.budgets },
  ...{ calendar: UTC, nowMs, where },
});

/** Bars of whole days begin before the range does. */
const rangeOf = ({ query }: Panel) => ({
  ...RANGE,
  fromMs: 'grain' in query && query.grain === 'day' ? Math.floor(RANGE.fromMs / DAY) * DAY : RANGE.fromMs,
});

const answers = new Map<string, Promise<Figures | undefined>>();

/** What the panel must show, asked once for all versions; undefined for the collector's own series. */
const expected = (one: Case, where: readonly Filter[] = []): Promise<Figures | undefined> =>
  answers.getOrInsertComputed(JSON.stringify([one.name, one.panel, where]), () => askLedger(one, where));

async function askLedger({ panel }: Case, where: readonly Filter[]): Promise<Figures | undefined> {
  if (panel.query.source === 'ledger') return ledgerFigures(panel, demo.reader, { nowMs: END, range: rangeOf(panel), where });
  return panel.query.source === 'gauge' ? gaugeFigures(panel, contextOf(where), RANGE) : undefined;
}

/** Of gauges that show the largest of all, such as the most expensive sessions, only those remain that are of the choice. */
function narrowedDifferences({ panel }: Case, shown: Figures, right: Figures): string[] {
  if (panel.query.source !== 'gauge') return differences(shown, right);
  return differences(shown, Object.fromEntries(Object.entries(right).filter(([label]) => label in shown)));
}

/** Computed over all that is chosen, as the page does. */
const WHOLE: readonly GaugeName[] = ['active_users', 'lapsed_users', 'stickiness', 'spend_concentration'];

/** Of several teams, or organizations, there is a figure each, by name, where the page computes one over all of them. */
function eachOwner(one: Case, selection: Selection): Case {
  const { query } = one.panel;
  if (query.source !== 'gauge' || query.reduce !== 'one' || query.by.includes('team')) return one;
  if (query.by.length === 0 && query.gauges.every((name) => WHOLE.includes(name))) return one;
  const owners = 'team' in selection ? ['organization', 'team'] : 'organization' in selection ? ['organization'] : [];
  return owners.length === 0 ? one : { ...one, panel: { ...one.panel, visualization: 'table', query: { ...query, by: [...owners, ...query.by] } } };
}

beforeAll(async () => {
  demo = await recordDemo({
    people: 30,
    ledgerFromMs: Date.parse('2026-09-30T00:00:00Z'),
    scrapesMs: [END],
    config: {
      budgets: [
        { name: 'all', scope: {}, period: 'month', amount_usd: '4000.00' },
        { name: 'platform', scope: { team: 'platform' }, period: 'week', amount_usd: '5.00' },
      ],
      rate_limits: { tokens_per_minute: 400_000, requests_per_minute: 500 },
    },
    isSent: ({ user, startMs }) => user !== 'kira@example.com' || startMs > Date.parse('2026-11-02T00:00:00Z'),
  });
}, 240_000);
afterAll(() => demo?.stop());

/** What the collector writes of gauges: now, and of each day. */
async function readGauges() {
  const failures: unknown[] = [];
  const now = await new GaugeRounds(
    () => 0,
    (...failure) => failures.push(failure),
  ).read(contextOf());
  expect(failures).toEqual([]);
  const days: (readonly [number, Awaited<ReturnType<typeof samplesOfDay>>])[] = [];
  for (let day = Math.floor(RANGE.fromMs / DAY) * DAY; day < END; day += DAY)
    days.push([day, await samplesOfDay(contextOf([], Math.min(day + DAY - 1, END)))]);
  return { now, days };
}
let gauges: ReturnType<typeof readGauges> | undefined;

/** As the collector writes it, with what came in the last hours not moved yet, and late records of earlier days. */
async function fill(database: Database): Promise<void> {
  await migrate(database);
  gauges ??= readGauges();
  const { now, days } = await gauges;
  await database.transaction(async (sql) => {
    await followReadSchema(sql, UTC);
    await copyLedger(demo.file, sql, { calendar: UTC, isRecent: (ms) => ms >= END - 5 * HOUR || (ms / 900_000) % 17 === 0 });
    await replaceSamples(sql, LEDGER, now, END);
    await replaceSamples(sql, 'replica', parseSamples(demo.selfText), END);
    for (const [day, own] of days) await replaceDay(sql, day, own);
  });
}

for (const version of POSTGRES_VERSIONS) {
  describeWithBackend(backendOf(version), `every board on a real PostgreSQL ${version}`, () => {
    let server: RunningPostgres;
    let database: Database;
    beforeAll(async () => {
      server = await startPostgres({ version });
      const url = new URL(await server.createDatabase());
      const target = { hosts: [{ host: url.hostname, port: Number(url.port) }], user: url.username, database: url.pathname.slice(1) };
      database = new Database(target, { name: 'test', max: 2, wants: 'primary', statementMs: 60_000 });
      await fill(database);
      await database.run(`ALTER DATABASE ${target.database} SET search_path = ledgerline_read`);
      await database.close();
      database = new Database(target, { name: 'test', max: 2, wants: 'primary', statementMs: 15_000 });
    }, 240_000);
    afterAll(async () => {
      await database?.close();
      await server?.destroy();
    });

    const shows = (one: Case, selection: Selection = {}) =>
      sqlShows(one.panel, database, { ...RANGE, board: one.board, nowMs: END, variables: selection as Record<string, readonly string[]> });

    test.each(CASES.map((one) => [one.name, one] as const))('%s shows what the ledger says', async (name, one) => {
      const shown = await shows(one);
      expect([name, Object.keys(withoutZeros(shown)).length > 0]).toEqual([name, !NOTHING_TO_SHOW.includes(name)]);
      const right = await expected(one);
      if (right !== undefined) expect(differences(shown, right)).toEqual([]);
      if (isLedgerTable(one.panel)) expect(rowsOfZeros(shown)).toEqual([]);
    });

    test.each(BOARDS.filter(({ variables }) => variables.length > 0).map((board) => [board.id, board] as const))(
      '%s shows what the ledger says of whatever can be picked there',
      async (id, board) => {
        const wrong: string[] = [];
        let answered = 0;
        for (const selection of pickable(variablesOf(board))) {
          for (const one of CASES.filter(({ panel, board: own }) => own === id && panel.query.source !== 'self')) {
            const shown = await shows(one, selection);
            if (Object.keys(shown).length > 0) answered++;
            const right = (await expected(eachOwner(one, selection), filtersOf(selection))) ?? {};
            wrong.push(...narrowedDifferences(one, shown, right).map((text) => `${one.name} of ${Object.keys(selection)}: ${text}`));
          }
        }
        expect(wrong).toEqual([]);
        expect(answered).toBeGreaterThan(0);
      },
      240_000,
    );
  });
}
