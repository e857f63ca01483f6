/** The calendar in which the ledger keeps its days, weeks and months. */
import type { CalendarOptions } from '../core/calendar.ts';
import type { Config } from './config.ts';

export const ledgerCalendar = ({ timezone, week_start }: Config): CalendarOptions => ({ timeZone: timezone, weekStart: week_start });
