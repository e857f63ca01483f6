/** Which imports the figures rest on, and which are missing. */
import { BILLER_NAMES, BILLERS, type Biller } from '../../catalog/billers.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { StatementDay } from '../../imports/statements.ts';
import type { Range } from '../compared-range.ts';
import { recordDays, type StatementsOf } from './read-records.ts';
import { chooseSources, SOURCES_OF } from './sources.ts';
import { dayOf } from './telemetry.ts';

/** A source of the provider's records, as far as it is in the range. */
export interface ImportState {
  readonly source: string;
  readonly account: string;
  /** Days that are there, and of them those that are final. */
  readonly days: number;
  readonly completeDays: number;
  readonly firstDay: string | undefined;
  readonly lastDay: string | undefined;
  /** When the provider was last asked. */
  readonly checkedMs: number | undefined;
  readonly lastRun: { readonly endedMs: number | undefined; readonly outcome: string } | undefined;
}

export async function importStates(statements: StatementsOf, days: readonly StatementDay[]): Promise<readonly ImportState[]> {
  const states = (await statements.origins()).map(async ({ source, account }) => {
    const own = days.filter((day) => day.source === source && day.account === account);
    const [run] = await statements.runs({ source, account }, 1);
    return {
      ...{ source, account, days: own.length, completeDays: own.filter(({ isComplete }) => isComplete).length },
      ...{ firstDay: own[0]?.day, lastDay: own.at(-1)?.day },
      checkedMs: own.length === 0 ? undefined : Math.max(...own.map(({ checkedMs }) => checkedMs)),
      lastRun: run && { endedMs: run.endedMs, outcome: run.outcome },
    };
  });
  return Promise.all(states);
}

/** Of one biller: what says what is billed and counted, day by day. */
export interface Coverage {
  readonly biller: Biller;
  readonly billed: ReadonlyMap<string, number>;
  readonly counted: ReadonlyMap<string, number>;
  /** Days of the range up to now that nothing says it of. */
  readonly missingBilled: number;
  readonly missingCounted: number;
  /** Days of a record that is not final yet. */
  readonly provisional: number;
}

/** Of the billers that telemetry or records know. */
export function coverageOfRecords(days: readonly StatementDay[], used: ReadonlySet<Biller>, range: Range, nowMs: number): readonly Coverage[] {
  const all = daysUntil(range, nowMs);
  const records = recordDays(days);
  return BILLERS.filter((biller) => used.has(biller) || days.some(({ source }) => SOURCES_OF[biller].billed.includes(source))).map((biller) => {
    const chosen = chooseSources(biller, records);
    const billed = all.map((day) => chosen.billed(day));
    const counted = all.map((day) => chosen.counted(day));
    return {
      ...{ biller, billed: countsOf(billed), counted: countsOf(counted) },
      missingBilled: billed.filter((source) => source === undefined).length,
      missingCounted: counted.filter((source) => source === undefined).length,
      provisional: all.filter((day) => records.some((record) => record.day === day && record.source === chosen.billed(day) && !record.isComplete))
        .length,
    };
  });
}

/** A sentence and a command for each import that would say more. */
export function missingImports(coverage: readonly Coverage[]): readonly { readonly message: string; readonly command: string }[] {
  return coverage.flatMap(({ biller, missingBilled, missingCounted }) => {
    const { imports } = SOURCES_OF[biller];
    const name = BILLER_NAMES[biller];
    if (imports.billed === '' && missingBilled > 0)
      return [{ message: `What ${name} bills cannot be imported: it has no record by day and model.`, command: '' }];
    const what = (days: number): string => (days === 1 ? '1 day' : `${days} days`);
    const billed = { message: `What ${name} bills is not known for ${what(missingBilled)}.`, command: imports.billed };
    const counted = { message: `What ${name} counted is not known for ${what(missingCounted)}.`, command: imports.counted };
    if (imports.billed === imports.counted) return missingBilled > 0 ? [billed] : [];
    return [...(missingBilled > 0 ? [billed] : []), ...(missingCounted > 0 ? [counted] : [])];
  });
}

function daysUntil({ fromMs, toMs }: Range, nowMs: number): readonly string[] {
  const days: string[] = [];
  for (let ms = fromMs; ms < Math.min(toMs, nowMs); ms += DAY_MS) days.push(dayOf(ms));
  return days;
}

function countsOf(sources: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const source of sources) if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}
