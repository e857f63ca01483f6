/** What a source says that users spent, by user and day, as the ledger would have it. */
import { amountsOf, type HistoryLine, type HistoryPrices, noonOf } from './amounts.ts';
import type { HistoryDimensions, HistoryRow } from './plan.ts';

export interface HistoryWords {
  /** The user that a line is about, as the ledger has it. Undefined where it says none, or one that only the provider knows. */
  readonly userOf: (line: HistoryLine) => string | undefined;
  /** Where the user belongs that day: what the line does not say, the directory does. */
  readonly placeOf: (line: HistoryLine, user: string, timeMs: number) => Omit<HistoryDimensions, 'model'>;
}

export interface Said {
  readonly rows: readonly HistoryRow[];
  /** Lines without a user. */
  readonly nobodys: number;
}

export function historyRows(lines: readonly HistoryLine[], { userOf, placeOf }: HistoryWords, prices: HistoryPrices): Said {
  const groups = new Map<string, { readonly of: Omit<HistoryRow, 'amounts'>; readonly lines: HistoryLine[] }>();
  let nobodys = 0;
  for (const line of lines) {
    const user = userOf(line);
    if (user === undefined) {
      nobodys++;
      continue;
    }
    const { day, model = '' } = line;
    const of = { user, day, dimensions: { model, ...placeOf(line, user, noonOf(day)) } };
    groups.getOrInsertComputed(JSON.stringify(of), () => ({ of, lines: [] })).lines.push(line);
  }
  const rows = [...groups.values()].map(({ of, lines: own }) => ({ ...of, amounts: amountsOf(own, prices) }));
  return { rows, nobodys };
}
