/** What an import reads of its export's answer: what became of the records. */
import { type ImportAnswer, importMessage } from '../catalog/imported.ts';
import { formatUsd } from '../core/money.ts';
import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import type { IngestOutcome } from './telemetry.ts';
import type { Rejection } from './usage.ts';

const NOTHING: AppendOutcome = { appended: 0, duplicates: 0, conflicts: 0, expired: 0 };

/** The outcome of an export; with records of an import, booked or rejected, also what became of these. */
export function withImport(
  outcome: IngestOutcome,
  rejections: readonly Rejection[],
  entries: readonly Entry[] = [],
  appended: AppendOutcome = NOTHING,
): IngestOutcome {
  const own = entries.filter(({ isStandIn }) => isStandIn === true);
  if (own.length === 0 && !rejections.some(({ isImport }) => isImport === true)) return outcome;
  const message = importMessage(answerOf(own, appended, outcome.rejected - appended.expired));
  return { ...outcome, message: outcome.message === '' ? message : `${message}\n${outcome.message}` };
}

function answerOf(entries: readonly Entry[], { duplicates, conflicts, expired, standIns }: AppendOutcome, rejected: number): ImportAnswer {
  const unpriced: Record<string, number> = {};
  for (const { dimensions, amounts } of entries) {
    const { model = 'unknown' } = dimensions;
    if (amounts.unpriced_tokens !== undefined) unpriced[model] = (unpriced[model] ?? 0) + amounts.unpriced_tokens;
  }
  const { covered = 0, coveredCost = 0n, booked = 0, bookedCost = 0n } = standIns ?? {};
  const cost = entries.reduce((sum, entry) => sum + entry.cost + (entry.isCostMissing === true ? entry.listCost : 0n), 0n);
  return {
    ...{ requests: entries.length, cost: formatUsd(cost), known: duplicates },
    ...{ covered, covered_cost: formatUsd(coveredCost), booked, booked_cost: formatUsd(bookedCost) },
    ...{ conflicts, expired, rejected, unpriced },
  };
}
