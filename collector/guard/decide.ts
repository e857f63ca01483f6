/**
 * Whether a session may go on: pure, from what is known of its budgets, its own cost and the limits of one session. What stops comes
 * first; what warns is all that there is to say, the most urgent first.
 */
import type { BudgetStatus } from '../budgets/status.ts';
import type { PicoUsd } from '../core/money.ts';

export type Decision = 'allow' | 'warn' | 'stop';

/** Of one session. Undefined: none. */
export interface SessionLimits {
  readonly warn: PicoUsd | undefined;
  readonly stop: PicoUsd | undefined;
  readonly runawayMinutes: number;
  /** Of a budget's amount, 0 to 1. */
  readonly runawayShare: number;
  readonly coldCacheWarn: PicoUsd;
  readonly coldCacheStop: PicoUsd | undefined;
}

export interface GuardFacts {
  /** Of the hook, as the client calls it. */
  readonly event: string;
  /** Hard limits that hold for the session, those of the user alone first. */
  readonly budgets: readonly BudgetStatus[];
  /** Booked so far; undefined where nothing is known of it. */
  readonly cost: PicoUsd | undefined;
  /** Booked within the last `runawayMinutes`; undefined where that is not known. */
  readonly recent: PicoUsd | undefined;
  readonly limits: SessionLimits;
  /** What the client says that the cache costs that it is about to write; undefined where it says nothing. */
  readonly estimate: PicoUsd | undefined;
}

/** Why a session is stopped or warned. */
export type Cause =
  | { readonly kind: 'budget'; readonly status: BudgetStatus }
  | { readonly kind: 'threshold'; readonly status: BudgetStatus; readonly at: number }
  | { readonly kind: 'runaway'; readonly status: BudgetStatus; readonly recent: PicoUsd; readonly minutes: number }
  | { readonly kind: 'session_cost'; readonly cost: PicoUsd; readonly limit: PicoUsd }
  | { readonly kind: 'cold_cache'; readonly event: string; readonly estimate: PicoUsd; readonly limit: PicoUsd };

export type Verdict =
  | { readonly decision: 'allow'; readonly causes: readonly [] }
  | { readonly decision: 'stop'; readonly causes: readonly [Cause] }
  | { readonly decision: 'warn'; readonly causes: readonly [Cause, ...Cause[]] };

const RESUME = 'SessionStart';
const MODEL_SWITCH = 'PreModelSwitch';
const RATIO_SCALE = 1_000_000_000;

export function decide(facts: GuardFacts): Verdict {
  const stopping =
    usedUp(facts.budgets) ?? runaway(facts) ?? sessionOver(facts, facts.limits.stop) ?? coldCache(facts, facts.limits.coldCacheStop, [MODEL_SWITCH]);
  if (stopping !== undefined) return { decision: 'stop', causes: [stopping] };
  const [first, ...others] = [
    coldCache(facts, facts.limits.coldCacheWarn, [RESUME, MODEL_SWITCH]),
    sessionOver(facts, facts.limits.warn),
    ...facts.budgets.map(thresholdOf),
  ].filter((cause) => cause !== undefined);
  return first === undefined ? { decision: 'allow', causes: [] } : { decision: 'warn', causes: [first, ...others] };
}

/** Of several the one that holds for longest: when another begins anew, work is still stopped. */
function usedUp(budgets: readonly BudgetStatus[]): Cause | undefined {
  const [status] = budgets.filter(({ stopped }) => stopped).sort((a, b) => b.periodEndMs - a.periodEndMs);
  return status && { kind: 'budget', status };
}

/**
 * In the last minutes the session alone has spent all that is left, and a good share of the whole: within as many minutes more nothing
 * would be left for anybody. The share keeps a session of ordinary pace from being stopped when little is left.
 */
function runaway({ budgets, recent, limits: { runawayMinutes, runawayShare } }: GuardFacts): Cause | undefined {
  if (recent === undefined || recent <= 0n) return undefined;
  const share = BigInt(Math.round(runawayShare * RATIO_SCALE));
  const status = budgets.find(
    ({ unit, active, remaining, limit }) => unit === 'usd' && active && recent >= remaining && recent * BigInt(RATIO_SCALE) >= limit * share,
  );
  return status && { kind: 'runaway', status, recent, minutes: runawayMinutes };
}

function sessionOver({ cost }: GuardFacts, limit: PicoUsd | undefined): Cause | undefined {
  return cost === undefined || limit === undefined || cost < limit ? undefined : { kind: 'session_cost', cost, limit };
}

function coldCache({ event, estimate }: GuardFacts, limit: PicoUsd | undefined, events: readonly string[]): Cause | undefined {
  if (estimate === undefined || limit === undefined || !events.includes(event) || estimate <= 0n || estimate < limit) return undefined;
  return { kind: 'cold_cache', event, estimate, limit };
}

/** The highest that is reached of those that warn. What is only of interest (info) is left to the boards. */
function thresholdOf(status: BudgetStatus): Cause | undefined {
  const reached = status.thresholds.filter(({ on, severity, reached: is }) => is && on === 'actual' && severity !== 'info').map(({ at }) => at);
  return reached.length === 0 ? undefined : { kind: 'threshold', status, at: Math.max(...reached) };
}
