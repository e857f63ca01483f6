/** Of what is beyond limits.query_rows in one of two windows, it is not known what each value was: zero would pretend to know. */
import { expect, test } from '@jest/globals';
import type { PanelAnswer } from '../../collector/query/boards/answer.ts';
import { startApi } from '../api/support.ts';
import { event } from '../support/entries.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

test('who is among the others of one window has no change', async () => {
  const api = await startApi({ nowMs: NOW, config: { limits: { query_rows: 2 } } });
  const spent = (day: string, team: string, cost: string) =>
    event({ id: `${day} ${team}`, sessionId: `${day} ${team}`, team, cost, timeMs: Date.parse(`${day}T09:00:00Z`) });
  await api.append([
    ...[spent('2026-09-01', 'a', '1'), spent('2026-10-05', 'a', '50'), spent('2026-10-05', 'b', '40'), spent('2026-10-05', 'c', '3')],
    ...[spent('2026-10-05', 'd', '2'), spent('2026-11-05', 'a', '60'), spent('2026-11-05', 'c', '30'), spent('2026-11-05', 'b', '5')],
    spent('2026-11-05', 'd', '1'),
  ]);
  const { body } = await api.get<PanelAnswer>('/api/v1/boards/overview/panels/movers-team?period=month');
  await api.stop();
  expect(body.data.table?.rows.map(({ cells }) => cells)).toEqual([
    ['a', '60.00', '50.00', '10.00'],
    ['c', '30.00', null, null],
    ['b', null, '40.00', null],
    ['other', '6.00', '5.00', '1.00'],
  ]);
  expect(body.data.table?.totals).toEqual([null, '96.00', '95.00', '1.00']);
});
