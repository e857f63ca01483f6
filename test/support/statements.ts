/** The provider's own records in a temporary file, as imports bring them. */
import type { StatementLine } from '../../collector/imports/statement-line.ts';
import { openStatementStore } from '../../collector/storage/sqlite/statement-store.ts';
import { NOON } from './entries.ts';

export type LineOfDay = StatementLine & { readonly day: string };

/** Brings lines of one source; days without any are there, too. */
export async function bring(
  file: string,
  source: string,
  lines: readonly LineOfDay[],
  options: { readonly days?: readonly string[]; readonly isComplete?: boolean; readonly account?: string } = {},
): Promise<void> {
  const store = openStatementStore(file);
  const origin = { source, account: options.account ?? '' };
  const byDay = Map.groupBy(lines, ({ day }) => day);
  const days = [...new Set([...byDay.keys(), ...(options.days ?? [])])].sort();
  const id = await store.beginRun(origin, { from: days[0] ?? '', to: days.at(-1) ?? '' }, NOON);
  for (const day of days) {
    const own = (byDay.get(day) ?? []).map(({ day: _, ...line }) => line);
    await store.replaceDay({ ...origin, day, lines: own, isComplete: options.isComplete ?? true, askedMs: NOON, nowMs: NOON });
  }
  await store.endRun(id, { outcome: 'done', days: days.length, revised: 0, lines: lines.length, remarks: [], nowMs: NOON });
  await store.close();
}
