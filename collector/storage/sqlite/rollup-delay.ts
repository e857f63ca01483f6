/** For a file of the past, in which some coarse roll-ups were filled with every export: the others are brought to where these are. */
import type { DatabaseSync } from 'node:sqlite';
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import { Coarsening } from '../../ledger/quarter-sums.ts';
import { COARSE, FINEST } from '../../ledger/rollups.ts';
import { StateTable } from './counters.ts';
import { DimsTable } from './dimension-sets.ts';
import { addCoarse } from './rollup-rebuild.ts';

const FILLED_AT_ONCE: ReadonlySet<string> = new Set(['rollup_day_team', 'rollup_total_person', 'rollup_month_person', 'rollup_day_person']);

/** Some thousand rows at most; to make the large ones anew would take minutes. */
export function delayRollups(database: DatabaseSync): void {
  const state = new StateTable(database);
  const last = database.prepare(`SELECT max(bucket) AS bucket FROM ${FINEST.table}`).get()?.bucket;
  const [timeZone, weekStart] = (state.text('calendar') ?? '').split(' ');
  // Without a calendar, all of them are made anew with the one that is configured.
  if (typeof last !== 'number' || timeZone === undefined || weekStart === undefined) return;
  const calendar = new Calendar({ timeZone, weekStart } as CalendarOptions); // As SqliteStore wrote it.
  const coarsening = new Coarsening(calendar, new DimsTable(database, () => undefined));
  const rolledUp = state.watermark();
  const end = { bucket: last + 1, dims: 0 };
  if (rolledUp.bucket >= end.bucket) return;
  addCoarse(
    database,
    coarsening,
    COARSE.filter(({ table }) => !FILLED_AT_ONCE.has(table)),
    rolledUp,
    end,
  );
  state.setFacts({ rolledUp: end });
}
