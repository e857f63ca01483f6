/** What of one export was rejected, ignored or corrected, by kind. */
import type { Refusal, RefusalKind } from '../../catalog/refusals.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import type { Interpretation } from '../usage.ts';

const NONE: readonly Refusal[] = [];

export function refusalsOf(
  { rejections, foreign, correctedTimes }: Pick<Interpretation, 'rejections' | 'foreign' | 'correctedTimes'>,
  signal: string,
  { conflicts, expired, heldBack = 0 }: Pick<AppendOutcome, 'conflicts' | 'expired' | 'heldBack'> = { conflicts: 0, expired: 0 },
): readonly Refusal[] {
  if (rejections.length === 0 && foreign.size === 0 && correctedTimes === 0 && conflicts === 0 && expired === 0 && heldBack === 0) return NONE;
  const rejected = Map.groupBy(rejections, ({ reason }) => reason);
  return [
    ...[...rejected].map(([reason, own]): Refusal => ({ kind: 'rejected', detail: reason, count: own.length })),
    ...counted('expired', '', expired),
    ...counted('conflicts', '', conflicts),
    ...counted('held_back', '', heldBack),
    ...counted('corrected_times', signal, correctedTimes),
    ...[...foreign].flatMap(([scope, count]) => counted('other_service', scope, count)),
  ];
}

const counted = (kind: RefusalKind, detail: string, count: number): readonly Refusal[] => (count === 0 ? NONE : [{ kind, detail, count }]);
