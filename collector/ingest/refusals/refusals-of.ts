/** What of one export was rejected, ignored or corrected, by kind. */
import type { Refusal, RefusalKind } from '../../catalog/refusals.ts';
import type { AppendOutcome } from '../../ledger/entry.ts';
import type { Interpretation, Rejection } from '../usage.ts';

type Outcome = Pick<AppendOutcome, 'conflicts' | 'expired' | 'heldBack' | 'grouped'>;

const NONE: readonly Refusal[] = [];

export function refusalsOf(
  { rejections, foreign, correctedTimes, outsideWindow }: Pick<Interpretation, 'rejections' | 'foreign' | 'correctedTimes' | 'outsideWindow'>,
  signal: string,
  { conflicts, expired, heldBack = 0, grouped }: Outcome = { conflicts: 0, expired: 0 },
  token = '',
): readonly Refusal[] {
  if (
    rejections.length === 0 &&
    foreign.size === 0 &&
    correctedTimes === 0 &&
    outsideWindow.size === 0 &&
    conflicts === 0 &&
    expired === 0 &&
    heldBack === 0 &&
    grouped === undefined
  )
    return NONE;
  return [
    ...refusalsOfRejections(rejections),
    ...counted('expired', '', expired),
    ...counted('conflicts', '', conflicts),
    ...counted('held_back', '', heldBack),
    ...Object.entries(grouped ?? {}).flatMap(([name, count]) => counted('new_values', token === '' ? name : `${name}, token ${token}`, count)),
    ...[...outsideWindow].flatMap(([edge, count]) => counted('outside_window', `ingest_window.${edge}_days`, count)),
    ...counted('corrected_times', signal, correctedTimes),
    ...[...foreign].flatMap(([scope, count]) => counted('other_service', scope, count)),
  ];
}

export const refusalsOfRejections = (rejections: readonly Rejection[]): readonly Refusal[] =>
  [...Map.groupBy(rejections, ({ reason }) => reason)].map(([reason, own]): Refusal => ({ kind: 'rejected', detail: reason, count: own.length }));

const counted = (kind: RefusalKind, detail: string, count: number): readonly Refusal[] => (count === 0 ? NONE : [{ kind, detail, count }]);
