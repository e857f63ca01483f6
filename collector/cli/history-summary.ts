/** What an import of history did, or would do, for users and for programs. */
import { displayUsd, formatUsd } from '../core/money.ts';
import { visible } from '../core/visible.ts';
import type { Change, ChangeKind } from '../imports/history/plan.ts';
import type { HistorySummary } from './import-history.ts';
import { withThousands } from './table.ts';

const WORDS: Readonly<Record<ChangeKind, string>> = { booked: 'booked', corrected: 'corrected', taken_back: 'taken back' };
const KINDS = ['booked', 'corrected', 'taken_back'] as const;

export function historyLines(summary: HistorySummary): string[] {
  const { changes, isTrial, isStopped, unchanged, telemetry, elsewhere, nobodys, closedDays, expired } = summary;
  const ifAny = (count: number, words: string): string[] => (count === 0 ? [] : [`  ${withThousands(count)} ${words}`]);
  return [
    `History, by days of users${isTrial ? '; nothing was booked' : ''}:`,
    ...KINDS.map(
      (kind) => `  ${withThousands(count(changes, kind))} ${isTrial ? 'would be ' : ''}${WORDS[kind]}: ${displayUsd(costOf(changes, kind))}`,
    ),
    ...ifAny(unchanged, 'unchanged'),
    `  ${withThousands(telemetry)} left out: telemetry is there`,
    ...ifAny(elsewhere, 'left out: another import has brought them'),
    ...ifAny(closedDays, 'days of closed months left as they are'),
    ...ifAny(nobodys, 'lines without a user that the ledger could know, left out'),
    ...ifAny(expired, 'adjustments refused: their day is older than the entries that the ledger keeps'),
    ...(isTrial ? usersOf(changes).map(([user, cost]) => `  ${visible(user)}: ${displayUsd(cost)}`) : []),
    ...(isStopped ? ['Stopped. Run it again to go on.'] : []),
  ];
}

export const historyJson = ({
  changes,
  isTrial,
  isStopped,
  unchanged,
  telemetry,
  elsewhere,
  nobodys,
  closedDays,
  expired,
}: HistorySummary): object => ({
  ...{ dry_run: isTrial, stopped: isStopped },
  ...Object.fromEntries(KINDS.map((kind) => [kind, { user_days: count(changes, kind), cost_usd: formatUsd(costOf(changes, kind)) }])),
  ...{ unchanged, left_to_telemetry: telemetry, left_to_other_imports: elsewhere },
  ...{ closed_days: closedDays, lines_without_user: nobodys, expired },
  users: usersOf(changes).map(([user, cost]) => ({ user, cost_usd: formatUsd(cost) })),
});

const count = (changes: readonly Change[], kind: ChangeKind): number => changes.filter((change) => change.kind === kind).length;
const costOf = (changes: readonly Change[], kind: ChangeKind): bigint =>
  changes.reduce((sum, change) => (change.kind === kind ? sum + changed(change) : sum), 0n);
const changed = ({ rows }: Change): bigint => rows.reduce((sum, { amounts: { cost = 0n } }) => sum + cost, 0n);

/** What changes for each user, the most first. */
function usersOf(changes: readonly Change[]): readonly (readonly [user: string, cost: bigint])[] {
  const sums = new Map<string, bigint>();
  for (const change of changes) sums.set(change.user, (sums.get(change.user) ?? 0n) + changed(change));
  return [...sums].sort(([one, cost], [other, otherCost]) => Number(otherCost - cost) || (one < other ? -1 : 1));
}
