/** The name of a file of rows: of what, of which time in which zone, with which filters. A table of values has no other place to say so. */
import type { Panel } from '../../catalog/panel.ts';
import { type Filter, showValue } from '../../catalog/values.ts';
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

interface About {
  readonly timeRange: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined };
  readonly timeZone: string;
  readonly nowMs: number;
  readonly where: readonly Filter[];
}

/** Without its ending. A time range ends where it says: at the beginning of a day that is not in it. */
export function rowsName(subject: string, { timeRange: { fromMs, toMs = Number.POSITIVE_INFINITY }, timeZone, nowMs, where }: About): string {
  const at = (ms: number): string => localTime(ms, timeZone);
  const endMs = Math.max(Math.min(toMs, nowMs), fromMs ?? nowMs);
  const time = fromMs === endMs ? at(endMs) : `${fromMs === undefined ? 'beginning' : at(fromMs)}_to_${at(endMs)}`;
  const filters = where.flatMap(({ dimension, values }) => values.map((value) => safe(`${dimension}-${showValue(dimension, value)}`)));
  return [`ledgerline-${subject}`, time, safe(timeZone), ...filters].join('_').slice(0, NAME_MAX).toWellFormed();
}

/** Gauges are of an instant. */
export function panelName(board: string, { id, query }: Panel, asked: BoardQuery): string {
  const { calendar, nowMs, where } = asked;
  const timeRange = query.source === 'ledger' ? asked.timeRangeOf(query.window) : { fromMs: nowMs, toMs: nowMs };
  return rowsName(`${board}-${id}`, { timeRange, timeZone: calendar.timeZone, nowMs, where });
}
