/** Tables of panels page by page: joined they are the whole, in its order, whatever is booked meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseUsd } from '../../../collector/core/money.ts';
import type { BoardAnswer, PanelAnswer } from '../../../collector/query/boards/answer.ts';
import type { TableData, TableRow } from '../../../collector/query/boards/panel-data.ts';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event, NOON } from '../../support/entries.ts';
import { Random } from '../../support/random.ts';

const DAY_MS = 86_400_000;
const USERS = 320;
const ROUNDS = 40;

const random = new Random(2_000);
let api: TestApi;
let booked = 0;

const book = (count: number): Promise<unknown> =>
  api.append(
    Array.from({ length: count }, () => {
      const user = random.below(USERS);
      return event({
        ...{ id: `entry ${booked++}`, sessionId: `session ${user}`, timeMs: NOON - random.below(20 * DAY_MS), user: `user-${user}@example.com` },
        // Amounts that many share, so that order among equals matters.
        ...{ team: user % 17 === 0 ? '' : `Team ${user % 17}`, cost: `${random.below(4)}.${random.chance(0.5) ? '5' : '123456789012'}` },
        dimensions: { workspace: random.pick(['api', 'web', '']) },
        amounts: { requests: 1 + random.below(3), input_tokens: 1_000, cache_read_tokens: random.below(5_000) },
      });
    }),
  );

beforeAll(async () => {
  api = await startApi({ nowMs: NOON });
  await book(2_500);
});
afterAll(() => api.stop());

const TABLES = BOARDS.flatMap(({ id, rows }) =>
  rows.flatMap(({ panels }) =>
    panels
      .filter(
        ({ visualization, query }) =>
          visualization === 'table' && query.source === 'ledger' && ['user', 'team'].some((name) => `${query.by}`.includes(name)),
      )
      .map((panel) => `${id}/panels/${panel.id}`),
  ),
);

const ask = async (panel: string, parameters: Readonly<Record<string, string>> = {}): Promise<PanelAnswer> =>
  (await api.get<PanelAnswer>(`/api/v1/boards/${panel}?${new URLSearchParams(parameters)}`)).body;

function tableOf({ data }: PanelAnswer): TableData {
  if (data.table === undefined) throw new Error(`${data.id} is no table.`);
  return data.table;
}

const whole = async (panel: string, parameters: Readonly<Record<string, string>>): Promise<readonly TableRow[]> =>
  tableOf(await ask(panel, { ...parameters, rows: 'all' })).rows;

/** Every page after the first, with more booked before each. */
async function pagesOf(panel: string, parameters: Readonly<Record<string, string>>, limit: number): Promise<PanelAnswer[]> {
  const pages = [await ask(panel, { ...parameters, limit: String(limit) })];
  for (let next = pages[0]?.next ?? null; next !== null; next = pages.at(-1)?.next ?? null) {
    await book(3);
    pages.push(await ask(panel, { ...parameters, limit: String(1 + random.below(limit)), cursor: next }));
  }
  return pages;
}

async function anyArrangement(panel: string): Promise<Record<string, string>> {
  const { columns } = tableOf(await ask(panel));
  return {
    ...(random.chance(0.7) && { sort: random.pick(columns).key }),
    ...(random.chance(0.5) && { order: random.pick(['asc', 'desc']) }),
    ...(random.chance(0.5) && { search: random.pick(['TEAM 1', 'user-2', '@example', '7', 'unalloc', 'nobody at all']) }),
    ...(random.chance(0.3) && { where: `team:Team ${random.below(17)}` }),
    ...(random.chance(0.3) && { period: random.pick(['this_month', 'last-7d', 'today']) }),
  };
}

test(`${ROUNDS} tables in pages are the whole, without a row twice and without one missing, while more is booked`, async () => {
  expect(TABLES.length).toBeGreaterThan(3);
  for (let round = 0; round < ROUNDS; round++) {
    const panel = random.pick(TABLES);
    const parameters = await anyArrangement(panel);
    const rows = await whole(panel, parameters);
    const pages = await pagesOf(panel, parameters, random.pick([7, 25, 100, 400]));
    expect({ panel, parameters, rows: pages.flatMap((page) => tableOf(page).rows) }).toEqual({ panel, parameters, rows });
    let first = 1;
    for (const page of pages) {
      const { rows: own, page: about } = tableOf(page);
      expect(about).toEqual({ first: own.length === 0 ? 0 : first, count: rows.length });
      first += own.length;
    }
  }
});

test('a sorted table is in the order of its column over all rows, a found one has what contains the text', async () => {
  const [panel = ''] = TABLES.filter((path) => path.startsWith('team/'));
  const { rows: users } = (await api.get<SpendAnswer>('/api/v1/spend?by=team,user&period=this_month')).body;
  const { columns, rows, found, totals } = tableOf(await ask(panel, { sort: 'cost', order: 'asc', search: 'USER-1' }));
  const wanted = users.filter(({ user }) => String(user).includes('user-1')).map(({ cost_usd }) => parseUsd(String(cost_usd)) ?? 0n);
  expect(rows.map(({ cells }) => parseUsd(String(cells[2])) ?? -1n)).toEqual(wanted.toSorted((a, b) => Number(a - b)));
  // What is found of how much, where it adds up: a ratio of those found is no sum of ratios.
  expect(found?.of).toBe(users.length);
  expect(parseUsd(String(found?.totals[2]))).toBe(wanted.reduce((sum, cost) => sum + cost, 0n));
  expect(columns.map(({ key }, index) => (found?.totals[index] === null ? key : undefined)).filter(Boolean)).toEqual([
    ...['team', 'user', 'cost_per_session'],
  ]);
  expect(totals).toEqual(tableOf(await ask(panel)).totals);
  const part = tableOf(await ask(panel, { search: 'USER-1', limit: '3' }));
  expect([part.found, part.page?.count]).toEqual([found, rows.length]);
  expect(tableOf(await ask(panel, { search: ' ' })).found).toBeUndefined();
  const names = tableOf(await ask(panel, { sort: 'user', order: 'desc' })).rows.map(({ cells }) => Number(/\d+/.exec(String(cells[1]))?.[0]));
  expect(names).toEqual(names.toSorted((a, b) => b - a));
});

test('the file has every row to the last digit, and its sum is the total of the ledger', async () => {
  const [panel = ''] = TABLES.filter((path) => path.startsWith('team/'));
  const { text } = await api.get(`/api/v1/boards/${panel}.csv`);
  const { rows, total } = (await api.get<SpendAnswer>('/api/v1/spend?by=team,user&period=this_month')).body;
  const [head, ...lines] = text.trimEnd().split('\r\n');
  expect(head).toMatch(/^Team,User,Spend \(usd\),/);
  const cells = lines.map((line) => line.split(',').slice(0, 3).join());
  expect(cells.toSorted()).toEqual(rows.map(({ team, user, cost_usd }) => `${team},${user},${cost_usd}`).toSorted());
  expect(lines.length).toBeGreaterThan(250);
  expect(lines.reduce((sum, line) => sum + (parseUsd(line.split(',')[2] ?? '') ?? 0n), 0n)).toBe(parseUsd(String(total)));
});

test('a board comes with the first rows of a table, and says how many there are', async () => {
  const { panels } = (await api.get<BoardAnswer>('/api/v1/boards/team')).body;
  const all = tableOf(await ask('team/panels/people'));
  const { rows, page, totals } = panels.people?.table ?? {};
  expect({ rows, page, totals }).toEqual({ rows: all.rows.slice(0, 25), page: { first: 1, count: all.rows.length }, totals: all.totals });
});

describe('what is drawn, as a table', () => {
  test.each(['cost-by-team', 'cost-per-day-by-team', 'cost-this-month', 'active-people-today'])('%s has all its rows', async (id) => {
    const { data } = await ask(`overview/panels/${id}`, { rows: 'all' });
    expect(data.table?.rows.some(({ rest }) => rest !== undefined)).toBe(false);
    expect(data.table?.rows.length).toBeGreaterThan(0);
  });

  test('has the teams that the drawing puts into one', async () => {
    const { rows, total } = (await api.get<SpendAnswer>('/api/v1/spend?by=team&period=this_month')).body;
    const { data } = await ask('overview/panels/cost-per-day-by-team', { rows: 'all' });
    expect(data.table?.rows.map(({ cells }) => cells)).toEqual(rows.map(({ team, cost_usd }) => [team, cost_usd]));
    expect(data.table?.totals).toEqual([null, total]);
  });
});

describe('is refused', () => {
  const problem = async (path: string) => {
    const { status, body } = await api.get<{ parameter: string; detail: string; hint: string; nearest?: string }>(`/api/v1/boards/${path}`);
    return { status, ...body };
  };

  test('a column that there is not, with the nearest one', async () => {
    expect(await problem('team/panels/people?sort=csot')).toMatchObject({ status: 400, parameter: 'sort', nearest: 'cost' });
  });

  test('a cursor of another panel, of other parameters, or of yesterday', async () => {
    const { next } = await ask('team/panels/people', { limit: '5' });
    expect(await problem(`overview/panels/movers-team?cursor=${next}`)).toMatchObject({ status: 400, parameter: 'cursor' });
    expect(await problem(`team/panels/people?sort=user&cursor=${next}`)).toMatchObject({ status: 400, parameter: 'cursor' });
    const [bound] = JSON.parse(Buffer.from(String(next), 'base64url').toString());
    const old = Buffer.from(JSON.stringify([bound, [NOON - 2 * DAY_MS, '', [5, 'x']]])).toString('base64url');
    expect(await problem(`team/panels/people?cursor=${old}`)).toMatchObject({ status: 400, detail: expect.stringContaining('last 24 hours') });
  });
});

test('pages go on where they were when nobody remembers the first', async () => {
  const { next } = await ask('team/panels/people', { limit: '10' });
  const [bound, [nowMs, , after]] = JSON.parse(Buffer.from(String(next), 'base64url').toString());
  const cursor = Buffer.from(JSON.stringify([bound, [nowMs, 'of another process', after]])).toString('base64url');
  const rows = await whole('team/panels/people', {});
  expect(tableOf(await ask('team/panels/people', { limit: '10', cursor })).rows).toEqual(rows.slice(10, 20));
});
