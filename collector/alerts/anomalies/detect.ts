/** Runs every detector over the same instant and puts what they find in one order. */
import { type Anomaly, type AnomalyContext, EACH_MAX, type Finding, LIMITS } from './anomaly.ts';
import { findCollapsedCaches } from './cache-collapse.ts';
import { findNewModels } from './new-model.ts';
import { findRunawaySessions } from './runaway-session.ts';
import { findSilence } from './silence.ts';
import { findUnusualSpend } from './unusual-spend.ts';

/** The gravest of each kind first. */
export function findAnomalies({ limits, ...context }: AnomalyContext): Anomaly[] {
  const finding: Finding = { ...context, limits: { ...LIMITS, ...limits } };
  return [findSilence, findRunawaySessions, findUnusualSpend, findCollapsedCaches, findNewModels].flatMap((find) => find(finding).slice(0, EACH_MAX));
}
