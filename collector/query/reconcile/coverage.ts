/** Which days of each biller and account the provider's records have. */
import { BILLERS, type Biller } from '../../catalog/billers.ts';
import { DAY_MS } from '../../core/duration.ts';
import type { StatementDay, StatementOrigin } from '../../imports/statements.ts';
import type { Range } from '../compared-range.ts';
import { recordDays, type StatementsOf } from './read-records.ts';
import { chooseSources, FROM_FILES, type RecordDay, SOURCES_OF } from './sources.ts';
import { dayOf } from './telemetry.ts';

/** Of one biller: what says what is billed and counted, day by day. */
export interface Coverage {
  readonly biller: Biller;
  /** Days by source. With several accounts, a day may be in several of them. */
  readonly billed: ReadonlyMap<string, number>;
  readonly counted: ReadonlyMap<string, number>;
  /** Days of the range up to now that at least one account lacks. */
  readonly missingBilled: number;
  readonly missingCounted: number;
  /** Days of a record that is not final yet. */
  readonly provisional: number;
  readonly accounts: readonly AccountCoverage[];
}

/** Of an account that ought to be there, what is missing. */
export interface AccountCoverage {
  readonly account: string;
  readonly missingBilled: number;
  readonly missingCounted: number;
  /** What brings the one, and the other. */
  readonly imports: { readonly billed: string; readonly counted: string };
}

/** What ought to be there: what is configured, and what was ever brought. An import that was merely tried is nobody's bill. */
export async function expectedOrigins(
  statements: StatementsOf,
  days: readonly StatementDay[],
  configured: readonly { readonly source: string; readonly account?: string | undefined }[],
): Promise<readonly ExpectedOrigin[]> {
  const known: ExpectedOrigin[] = [...days, ...configured.map(({ source, account = '' }) => ({ source, account }))];
  const others = (await statements.origins()).filter((one) => !known.some(({ source, account }) => source === one.source && account === one.account));
  const sources = new Set([...others, ...known.filter(({ source }) => FROM_FILES.has(source))].map(({ source }) => source));
  if (sources.size === 0) return known;
  return [...known, ...(await statements.days({ from: '', to: '~', sources: [...sources] }))];
}

/** With a day that it has, where it has any. */
interface ExpectedOrigin extends StatementOrigin {
  readonly day?: string;
}

interface CoverageRequest {
  readonly days: readonly StatementDay[];
  readonly expected: readonly ExpectedOrigin[];
  /** Accounts to the first day of which nothing is expected. */
  readonly ended: ReadonlyMap<string, string>;
  /** Billers that telemetry knows. */
  readonly used: ReadonlySet<Biller>;
  readonly range: Range;
  readonly nowMs: number;
}

/** Of the billers that telemetry or records know. */
export function coverageOfRecords({ days, expected, ended, used, range, nowMs }: CoverageRequest): readonly Coverage[] {
  const all = daysUntil(range, nowMs);
  const records = recordDays(days);
  return BILLERS.filter((biller) => used.has(biller) || days.some(({ source }) => SOURCES_OF[biller].billed.includes(source))).map((biller) => {
    const chosen = chooseSources(biller, records);
    const accounts = accountsOf(biller, expected);
    const begun = new Map(accounts.map((account) => [account, beginningOf(biller, account, expected)]));
    const lacks = (kind: 'billed' | 'counted', account: string, day: string): boolean =>
      chosen[kind](account, day) === undefined && day >= (begun.get(account) ?? '') && day < (ended.get(account) ?? '~');
    const isProvisional = ({ account, day, source, isComplete }: RecordDay): boolean => !isComplete && chosen.billed(account, day) === source;
    const open = new Set(records.filter(isProvisional).map(({ day }) => day));
    return {
      ...{ biller, billed: daysBySource(all, accounts, chosen.billed), counted: daysBySource(all, accounts, chosen.counted) },
      missingBilled: all.filter((day) => accounts.some((account) => lacks('billed', account, day))).length,
      missingCounted: all.filter((day) => accounts.some((account) => lacks('counted', account, day))).length,
      provisional: all.filter((day) => open.has(day)).length,
      accounts: accounts.map((account) => ({
        account,
        missingBilled: all.filter((day) => lacks('billed', account, day)).length,
        missingCounted: all.filter((day) => lacks('counted', account, day)).length,
        imports: importsOf(biller, account, expected),
      })),
    };
  });
}

/** The one without a name, where nothing is known of any. */
function accountsOf(biller: Biller, expected: readonly StatementOrigin[]): readonly string[] {
  const { billed, counted } = SOURCES_OF[biller];
  const accounts = expected.filter(({ source }) => billed.includes(source) || counted.includes(source)).map(({ account }) => account);
  return accounts.length === 0 ? [''] : [...new Set(accounts)].sort();
}

/** From which day on it is missed; '' of one that was never imported, or of which earlier days can be asked for. */
function beginningOf(biller: Biller, account: string, expected: readonly ExpectedOrigin[]): string {
  const own = expected.filter(
    (known) => FROM_FILES.has(known.source) && SOURCES_OF[biller].billed.includes(known.source) && known.account === account,
  );
  const days = own.flatMap(({ day }) => day ?? []).sort();
  return days[0] ?? '';
}

/** By the source that the account is known to come through. */
function importsOf(biller: Biller, account: string, expected: readonly StatementOrigin[]): AccountCoverage['imports'] {
  const { billed, counted, imports } = SOURCES_OF[biller];
  const commandOf = (order: readonly string[], otherwise: string): string => {
    const source = order.find((one) => expected.some((known) => known.source === one && known.account === account));
    const command = source === undefined ? otherwise : `ledgerline import ${source}`;
    return account === '' || command === '' ? command : `${command} --account ${account}`;
  };
  return { billed: commandOf(billed, imports.billed), counted: commandOf(counted, imports.counted) };
}

function daysUntil({ fromMs, toMs }: Range, nowMs: number): readonly string[] {
  const days: string[] = [];
  for (let ms = fromMs; ms < Math.min(toMs, nowMs); ms += DAY_MS) days.push(dayOf(ms));
  return days;
}

function daysBySource(
  days: readonly string[],
  accounts: readonly string[],
  sourceOf: (account: string, day: string) => string | undefined,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const day of days)
    for (const source of new Set(accounts.map((account) => sourceOf(account, day))))
      if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}
