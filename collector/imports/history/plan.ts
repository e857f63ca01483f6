/** What is to be booked, so that the ledger has the history of a source for exactly those days of users that have no telemetry. Pure. */
import { addAmounts, type HistoryAmounts } from './amounts.ts';

/** Under which history is booked, beside its user and origin. '': not known. */
export const HISTORY_DIMENSIONS = ['model', 'team', 'workspace', 'cost_center', 'department'] as const;
export type HistoryDimensions = Readonly<Record<(typeof HISTORY_DIMENSIONS)[number], string>>;

export interface HistoryRow {
  readonly user: string;
  /** UTC: "2026-10-03". */
  readonly day: string;
  readonly dimensions: HistoryDimensions;
  readonly amounts: HistoryAmounts;
}

/** Of days in UTC. */
export interface LedgerFacts {
  /** What is booked of the source. */
  readonly booked: readonly HistoryRow[];
  /** Days of users that clients, or transcripts of them, reported: see userDay. */
  readonly telemetry: ReadonlySet<string>;
  /** Those that another source has brought. */
  readonly elsewhere: ReadonlySet<string>;
}

export type ChangeKind = 'booked' | 'corrected' | 'taken_back';

export interface Change {
  readonly kind: ChangeKind;
  readonly user: string;
  readonly day: string;
  /** Differences, by what they are booked under. */
  readonly rows: readonly HistoryRow[];
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly unchanged: number;
  /** Days of users that the source knows, too. */
  readonly telemetry: number;
  readonly elsewhere: number;
}

export const userDay = (user: string, day: string): string => `${user}\n${day}`;

/** `said`: what the source says of the same days. Rows of one user, day and dimensions are added up. */
export function planHistory(said: readonly HistoryRow[], { booked, telemetry, elsewhere }: LedgerFacts): Plan {
  const wanted = Map.groupBy(said, ({ user, day }) => userDay(user, day));
  const before = Map.groupBy(booked, ({ user, day }) => userDay(user, day));
  const counts = { unchanged: 0, telemetry: 0, elsewhere: 0 };
  const changes: Change[] = [];
  for (const key of [...new Set([...wanted.keys(), ...before.keys()])].sort()) {
    const left = telemetry.has(key) ? 'telemetry' : elsewhere.has(key) ? 'elsewhere' : undefined;
    if (left !== undefined && wanted.has(key)) counts[left]++;
    const target = left === undefined ? (wanted.get(key) ?? []) : [];
    const had = before.get(key) ?? [];
    const rows = differences(target, had);
    const [one] = rows;
    if (one !== undefined) changes.push({ kind: kindOf(target, had), user: one.user, day: one.day, rows });
    else if (target.length > 0) counts.unchanged++;
  }
  return { changes, ...counts };
}

const isNothing = ({ amounts }: HistoryRow): boolean => Object.keys(amounts).length === 0;
const kindOf = (target: readonly HistoryRow[], had: readonly HistoryRow[]): ChangeKind =>
  target.every(isNothing) ? 'taken_back' : had.every(isNothing) ? 'booked' : 'corrected';

/** Only those that are not zero. */
function differences(target: readonly HistoryRow[], had: readonly HistoryRow[]): HistoryRow[] {
  const sums = new Map<string, HistoryRow>();
  const add = (row: HistoryRow, sign: 1n | -1n): void => {
    const key = JSON.stringify(HISTORY_DIMENSIONS.map((name) => row.dimensions[name]));
    addAmounts(sums.getOrInsertComputed(key, () => ({ ...row, amounts: {} })).amounts, row.amounts, sign);
  };
  for (const row of target) add(row, 1n);
  for (const row of had) add(row, -1n);
  return [...sums.values()].filter((row) => !isNothing(row));
}
