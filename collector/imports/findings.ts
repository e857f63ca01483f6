/** Imports that failed, are late or have gaps, as findings of `ledgerline import status` and `ledgerline doctor`. */
import { startOfDay } from '../core/day.ts';
import { DAY_MS, describeAge } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { dayAt, daysOf } from './days.ts';
import type { ImportRun, StatementDay, StatementOrigin, StatementReader } from './statements.ts';

/** Since the beginning of the newest complete day: with the slowest source it is two days back, and an import may come late in a day. */
const LATE_MS = 4 * DAY_MS;
const DAYS_SHOWN = 5;

/** Of an entry of the configuration, as far as it matters here. */
interface Configured {
  readonly source: string;
  readonly account?: string | undefined;
}

export interface ImportState {
  readonly origin: StatementOrigin;
  readonly isConfigured: boolean;
  /** The newest. */
  readonly run: ImportRun | undefined;
  readonly days: readonly StatementDay[];
  /** Between the first day and the last that are there. */
  readonly missing: readonly string[];
  readonly findings: readonly Finding[];
}

/** Every source and account that is configured or was ever imported. */
export async function importStates(reader: StatementReader, configured: readonly Configured[], nowMs: number): Promise<readonly ImportState[]> {
  const known = await reader.origins();
  const named = configured.map(({ source, account = '' }) => ({ source, account }));
  const more = named.filter((one) => !known.some((other) => isSame(one, other)));
  const isConfigured = (origin: StatementOrigin): boolean => named.some((one) => isSame(one, origin));
  return Promise.all([...known, ...more].map((origin) => stateOf(origin, reader, isConfigured(origin), nowMs)));
}

const isSame = (one: StatementOrigin, other: StatementOrigin): boolean => one.source === other.source && one.account === other.account;

async function stateOf(origin: StatementOrigin, reader: StatementReader, isConfigured: boolean, nowMs: number): Promise<ImportState> {
  const days = (await reader.days({ from: '', to: '~', sources: [origin.source] })).filter(({ account }) => account === origin.account);
  const there = new Set(days.map(({ day }) => day));
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  const missing = first === undefined || last === undefined ? [] : daysOf({ from: first, to: last }).filter((day) => !there.has(day));
  const [run] = await reader.runs(origin, 1);
  return {
    origin,
    isConfigured,
    run,
    days,
    missing,
    findings: [...runFindings(origin, run), ...dayFindings(origin, isConfigured, days, missing, nowMs)],
  };
}

/** As it is written after `ledgerline import`. */
export const nameOf = ({ source, account }: StatementOrigin): string => (account === '' ? source : `${source} --account ${account}`);

const again = (origin: StatementOrigin): string => `\`ledgerline import ${nameOf(origin)}\` goes on from there, or says why it cannot.`;

function runFindings(origin: StatementOrigin, run: ImportRun | undefined): Finding[] {
  if (run?.outcome !== 'failed') return [];
  const [why = 'See its log.'] = run.remarks;
  return [{ code: 'import_failed', severity: 'warning', message: `The last import of ${nameOf(origin)} failed: ${why}`, remedy: again(origin) }];
}

function dayFindings(
  origin: StatementOrigin,
  isConfigured: boolean,
  days: readonly StatementDay[],
  missing: readonly string[],
  nowMs: number,
): Finding[] {
  const found: Finding[] = [];
  const [first] = missing;
  if (first !== undefined) {
    const shown = missing.slice(0, DAYS_SHOWN).join(', ');
    const message = `${missing.length === 1 ? '1 day' : `${missing.length} days`} of ${nameOf(origin)} ${missing.length === 1 ? 'is' : 'are'} missing: ${shown}${missing.length > DAYS_SHOWN ? ', …' : ''}.`;
    found.push({ code: 'import_gap', severity: 'warning', message, remedy: `\`ledgerline import ${nameOf(origin)} --from ${first}\` brings them.` });
  }
  const last = days.filter(({ isComplete }) => isComplete).at(-1)?.day;
  if (isConfigured && last === undefined) {
    found.push({ code: 'import_behind', severity: 'warning', message: `${nameOf(origin)} has brought no complete day yet.`, remedy: again(origin) });
  } else if (isConfigured && last !== undefined && nowMs - startOfDay(last) > LATE_MS) {
    const message = `The newest complete day of ${nameOf(origin)} is ${last}, ${describeAge(startOfDay(dayAt(nowMs)) - startOfDay(last))} ago.`;
    found.push({ code: 'import_behind', severity: 'warning', message, remedy: again(origin) });
  }
  return found;
}

/** Of those that are configured: what somebody imported once by hand need not go on. */
export const importFindings = async (reader: StatementReader, configured: readonly Configured[], nowMs: number): Promise<readonly Finding[]> =>
  (await importStates(reader, configured, nowMs)).flatMap(({ isConfigured, findings }) => (isConfigured ? findings : []));
