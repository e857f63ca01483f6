/** The name of a panel's file: which panel, of which time in which zone, with which filters. A file has no other place to say so. */
import type { Panel } from '../../catalog/panel.ts';
import { showValue } from '../../catalog/values.ts';
import type { BoardQuery } from './board-query.ts';

/** Of most file systems is 255 bytes; what follows is an ending, and what browsers add to names that they have. */
const NAME_MAX = 200;

/** What stands in no file name, or is a separator here. */
const safe = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}.@+-]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');

/** 2026-11-01, with the time of day where that is not midnight. */
function localTime(ms: number, timeZone: string): string {
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(ms).split(' ');
  return time === '00:00' ? date : `${date}T${time.replace(':', '')}`;
}

/** Without its ending. A time range ends where it says: at the beginning of a day that is not in it. */
export function fileName(board: string, panel: Panel, asked: BoardQuery): string {
  const { query } = panel;
  const { calendar, nowMs, where } = asked;
  const { timeZone } = calendar;
  const at = (ms: number): string => localTime(ms, timeZone);
  const timeRange = query.source === 'ledger' ? asked.timeRangeOf(query.window) : { fromMs: nowMs, toMs: nowMs };
  const { fromMs, toMs = nowMs } = timeRange;
  const time = fromMs === toMs ? at(nowMs) : `${fromMs === undefined ? 'beginning' : at(fromMs)}_to_${at(Math.min(toMs, nowMs))}`;
  const filters = where.flatMap(({ dimension, values }) => values.map((value) => safe(`${dimension}-${showValue(dimension, value)}`)));
  return [`ledgerline-${board}-${panel.id}`, time, safe(timeZone), ...filters].join('_').slice(0, NAME_MAX).toWellFormed();
}
