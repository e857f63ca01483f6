/** Runs every detector over the same instant and puts what they find in one order. */
import { type Anomaly, type AnomalyContext, EACH_MAX, type Finding, LIMITS } from './anomaly.ts';
import { findCollapsedCaches } from './cache-collapse.ts';
import { findNewModels } from './new-model.ts';
import { findRunawaySessions } from './runaway-session.ts';
import { findSilence } from './silence.ts';
import { findUnusualSpend } from './unusual-spend.ts';

/** The most severe of each kind first. */
export async function findAnomalies({ limits, ...context }: AnomalyContext): Promise<Anomaly[]> {
  const finding: Finding = { ...context, limits: { ...LIMITS, ...limits } };
  const anomalies: Anomaly[] = [];
  for (const find of [findSilence, findRunawaySessions, findUnusualSpend, findCollapsedCaches, findNewModels]) {
    anomalies.push(...(await find(finding)).slice(0, EACH_MAX));
  }
  return anomalies;
}
