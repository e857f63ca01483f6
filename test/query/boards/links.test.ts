/** Rows lead to boards narrowed by them: never by a name that no record has. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BoardAnswer } from '../../../collector/query/boards/answer.ts';
import type { PanelData, RowFilter } from '../../../collector/query/boards/panel-data.ts';
import { labelOf } from '../../../collector/query/boards/rows.ts';
import type { SpendAnswer } from '../../../collector/query/spend.ts';
import { BOARDS } from '../../../dashboards/boards/index.ts';
import type { TestApi } from '../../api/support.ts';
import { startDemoApi } from '../../dashboards/web/fixture.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startDemoApi();
});
afterAll(() => api?.stop());

interface Linked {
  readonly filters: readonly RowFilter[];
  readonly session?: string;
  readonly unbooked?: true;
}

const linkedIn = ({ bars, table, series }: PanelData): readonly Linked[] => [
  ...(bars?.rows ?? []),
  ...(table?.rows ?? []),
  ...(series?.series ?? []),
];

test('every filter of a row names what records have, and every session is there', async () => {
  const linked = new Map<string, string>();
  const sessions = new Set<string>();
  for (const { id } of BOARDS) {
    const { panels } = (await api.get<BoardAnswer>(`/api/v1/boards/${id}`)).body;
    for (const panel of Object.values(panels)) {
      for (const { filters, session, unbooked } of linkedIn(panel)) {
        for (const { dimension, value } of unbooked === true ? [] : filters) linked.set(`${dimension}:${value}`, `${id}/${panel.id}`);
        if (session !== undefined) sessions.add(session);
      }
    }
  }
  expect(linked.size).toBeGreaterThan(30);
  const dead: string[] = [];
  for (const [filter, panel] of linked) {
    const { body } = await api.get<SpendAnswer>(`/api/v1/spend?${new URLSearchParams({ where: filter, from: 'now-400d' })}`);
    if (filter.endsWith(':') || body.hints.length > 0) dead.push(`${panel}: ${filter}`);
  }
  expect(dead).toEqual([]);
  for (const session of sessions)
    expect([session, (await api.get(`/api/v1/sessions/${encodeURIComponent(session)}`)).status]).toEqual([session, 200]);
});

test('what has no value of a dimension leads nowhere by it', () => {
  const columns = [
    { key: 'team', title: 'Team' },
    { key: 'organization', title: 'Organization' },
    { key: 'session_id', title: 'Session' },
  ];
  expect(labelOf({ labels: ['', 'acme', ''] }, columns)).toEqual({
    label: ' · acme · ',
    filters: [{ dimension: 'organization', value: 'acme' }],
    absent: false,
  });
});
