/** Sets what a plan says, one limit after another, and writes down each. A limit that is refused does not keep the others from being set. */
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import type { SpendLimitApi } from './client.ts';
import { isSameLimit, type Listing, limitKey, type SpendLimit } from './limits.ts';
import { isToDo, type PlanStep } from './plan.ts';
import type { GatewayLock, GatewayRecords, LimitRecord } from './records.ts';

export interface ApplyContext {
  readonly api: SpendLimitApi;
  readonly records: GatewayRecords;
  readonly lock: Pick<GatewayLock, 'confirm'>;
  readonly gateway: string;
  readonly who: string;
  readonly now: () => number;
  /** True once the user has stopped the run. */
  readonly isStopped: () => boolean;
}

/** `unknown`: sent, and no answer came. `open`: not tried. */
export interface StepOutcome {
  readonly step: PlanStep;
  readonly outcome: 'done' | 'failed' | 'unknown' | 'open';
  readonly error: LedgerlineError | undefined;
}

/** After one of these, the next request would fail as well. */
const ENDS: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'forbidden', 'rate_limited', 'unavailable', 'unsupported', 'internal']);
/** Whether the gateway did what it was asked for is not known. */
const UNKNOWN: ReadonlySet<ErrorCode> = new Set(['unavailable', 'unsupported', 'internal']);

export async function applySteps(steps: readonly PlanStep[], context: ApplyContext): Promise<readonly StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let hasEnded = false;
  for (const step of steps.filter(isToDo)) {
    hasEnded ||= context.isStopped();
    const outcome: StepOutcome = hasEnded ? { step, outcome: 'open', error: undefined } : await applyLocked(step, context);
    outcomes.push(outcome);
    hasEnded ||= outcome.error !== undefined && ENDS.has(outcome.error.code);
  }
  return outcomes;
}

async function applyLocked(step: PlanStep, context: ApplyContext): Promise<StepOutcome> {
  try {
    await context.lock.confirm();
  } catch (thrown) {
    return { step, outcome: 'open', error: LedgerlineError.from(thrown) };
  }
  return applyStep(step, context);
}

async function applyStep(step: PlanStep, { api, records, gateway, who, now }: ApplyContext): Promise<StepOutcome> {
  const { current, wanted } = step;
  const what = step.action === 'remove' ? 'removed' : step.action === 'adopt' ? 'adopted' : 'set';
  const entry = { gateway, who, what, budgets: wanted?.budgets ?? [], before: current, after: wanted } as const;
  const note = (outcome: LimitRecord['outcome'], limitId: string | undefined, error?: string): Promise<void> =>
    records.append({ ...entry, outcome, limitId, error, atMs: now() });
  if (what !== 'adopted') await note('begun', current?.id);
  try {
    await note('done', await send(step, api));
    return { step, outcome: 'done', error: undefined };
  } catch (thrown) {
    const error = LedgerlineError.from(thrown);
    const isUnknown = UNKNOWN.has(error.code);
    if (!isUnknown) await note('failed', current?.id, error.message);
    return { step, outcome: isUnknown ? 'unknown' : 'failed', error };
  }
}

/** The id that the limit has at the gateway. */
async function send({ action, current, wanted }: PlanStep, api: SpendLimitApi): Promise<string | undefined> {
  if (action === 'remove' && current !== undefined) await api.remove(current);
  if (wanted === undefined || action === 'adopt') return current?.id;
  return (await api.set(wanted, current)).id;
}

/** Of what was done, the steps that the gateway does not have so when it is asked again. */
export function unverified(outcomes: readonly StepOutcome[], { limits }: Listing): readonly PlanStep[] {
  const now = new Map(limits.map((limit) => [limitKey(limit), limit]));
  const isSo = ({ current, wanted }: PlanStep): boolean => {
    const limit: SpendLimit | undefined = wanted ?? current;
    const found = limit === undefined ? undefined : now.get(limitKey(limit));
    return wanted === undefined ? found === undefined : found !== undefined && isSameLimit(wanted, found);
  };
  return outcomes.filter(({ outcome, step }) => outcome === 'done' && !isSo(step)).map(({ step }) => step);
}
