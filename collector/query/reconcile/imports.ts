/** Which imports the figures rest on, and which are missing. */
import { BILLER_NAMES, type Biller } from '../../catalog/billers.ts';
import type { StatementDay } from '../../imports/statements.ts';
import type { AccountCoverage, Coverage } from './coverage.ts';
import type { StatementsOf } from './read-records.ts';
import { SOURCES_OF } from './sources.ts';

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

/** A sentence and a command for each import that would say more. */
export function missingImports(coverage: readonly Coverage[]): readonly { readonly message: string; readonly command: string }[] {
  return coverage.flatMap(({ biller, accounts, missingBilled }) => {
    if (SOURCES_OF[biller].imports.billed === '' && missingBilled > 0)
      return [{ message: `What ${BILLER_NAMES[biller]} bills cannot be imported: it has no record by day and model.`, command: '' }];
    return accounts.flatMap((account) => missingOf(biller, account, accounts.length > 1));
  });
}

function missingOf(biller: Biller, { account, missingBilled, missingCounted, imports }: AccountCoverage, isOneOfSeveral: boolean) {
  const { imports: usual } = SOURCES_OF[biller];
  const sentence = (verb: string, days: number): string =>
    `What ${BILLER_NAMES[biller]} ${verb} is not known for ${days === 1 ? '1 day' : `${days} days`}${isOneOfSeveral ? ` of ${accountWords(account)}` : ''}.`;
  const isBroughtAlong = usual.billed === usual.counted || (missingCounted <= missingBilled && imports.billed === imports.counted);
  return [
    ...(missingBilled > 0 ? [{ message: sentence('bills', missingBilled), command: imports.billed }] : []),
    ...(missingCounted > 0 && !isBroughtAlong ? [{ message: sentence('counted', missingCounted), command: imports.counted }] : []),
  ];
}

export const accountWords = (account: string): string => (account === '' ? 'the account without a name' : `the account ${account}`);
