/** More names than limits.query_rows: boards show the largest and the rest, and never refuse to answer. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../../collector/query/boards/answer.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import { startApi, type TestApi } from '../../api/support.ts';
import { event } from '../../support/entries.ts';

const NOW = Date.parse('2026-11-20T12:07:00Z');
const NAMES = 90;

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ nowMs: NOW, config: { limits: { query_rows: 20 } } });
  const entries = Array.from({ length: NAMES }, (_, index) =>
    event({
      ...{ id: `${index}`, sessionId: `${index}`, cost: `1.${10 + index}`, timeMs: NOW - index * 60_000 },
      ...{ user: `user-${index}@example.com`, team: `team-${index}`, model: `model-${index}` },
      dimensions: {
        organization: `org-${index}`,
        workspace: `w-${index}`,
        tool: `tool-${index}`,
        client_version: `2.1.${index}`,
        agent: `agent-${index}`,
      },
    }),
  );
  await api.append(entries);
});
afterAll(() => api.stop());

const board = async (id: string, query = '') => api.get<BoardAnswer>(`/api/v1/boards/${id}${query}`);

test.each(BOARDS.map(({ id }) => id))('%s answers', async (id) => {
  for (const query of ['', '?period=today', '?from=2026-10-01&to=2026-12-01']) expect((await board(id, query)).status).toBe(200);
});

test('bars, tables and lines of names have the largest, and the others as the rest of a whole that is exact', async () => {
  const found = BOARDS.flatMap(({ id, rows }) =>
    rows
      .flatMap(({ panels }) => panels.map((panel) => ({ id, panel })))
      .filter(({ panel: { query } }) => query.source === 'ledger' && query.by.length > 0),
  );
  const seen = { bars: 0, table: 0, series: 0 };
  for (const { id, panel } of found) {
    if (panel.query.source !== 'ledger' || panel.query.figures[0] !== 'cost' || panel.query.by[0] !== 'team' || panel.query.where !== undefined)
      continue;
    const data = (await board(id)).body.panels[panel.id];
    const rows = data?.bars?.rows ?? data?.table?.rows ?? data?.series?.series ?? [];
    if (rows.length === 0) continue;
    expect([panel.id, rows.reduce((sum, { rest = 1 }) => sum + rest, 0)]).toEqual([panel.id, NAMES]);
    if (data?.bars !== undefined) seen.bars++;
    if (data?.table !== undefined) seen.table++;
    if (data?.series !== undefined) seen.series++;
  }
  expect(Object.values(seen).some((count) => count > 0)).toBe(true);
});

test('who counts names counts all of them', async () => {
  const distinct = BOARDS.flatMap(({ id, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ id: name, query, visualization }) =>
        query.source === 'ledger' && query.summary === 'distinct' ? [{ id, name, visualization }] : [],
      ),
    ),
  );
  expect(distinct.length).toBeGreaterThan(0);
  for (const { id, name, visualization } of distinct) {
    if (visualization !== 'stat') continue;
    const value = (await board(id)).body.panels[name]?.stat?.value;
    expect([name, value]).toEqual([name, NAMES]);
  }
});
