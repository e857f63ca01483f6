/** `anthropic-usage`: tokens of a Console organization, by workspace, key, account and model (GET /v1/organizations/usage_report/messages). */
import { z } from 'zod';
import { HOUR_MS } from '../../core/duration.ts';
import { dayByDay } from '../day-by-day.ts';
import type { Reading, StatementSource } from '../source.ts';
import type { StatementLine } from '../statement-line.ts';
import type { HttpWorld } from '../world.ts';
import { grouped, readBucket } from './api.ts';
import { readNames } from './names.ts';
import { CONTEXT_WINDOWS, INFERENCE_GEOS, remarkNewClasses, SERVICE_TIERS, SPEEDS, text, usageLines, usageShape } from './words.ts';

const PATH = '/v1/organizations/usage_report/messages';
const GROUPS = [
  'account_id',
  'api_key_id',
  'context_window',
  'inference_geo',
  'model',
  'service_account_id',
  'service_tier',
  'speed',
  'workspace_id',
];
/** Without it the report knows no speed. */
const HEADERS = { 'anthropic-beta': 'fast-mode-2026-02-01' };
/** About five minutes, as documented; more, since nobody waits for it. */
const DELAY_MS = HOUR_MS;

const row = z.looseObject({
  ...usageShape,
  ...{ account_id: text, api_key_id: text, context_window: text, inference_geo: text, model: text },
  ...{ service_account_id: text, service_tier: text, speed: text, workspace_id: text },
});

export function anthropicUsage(world: HttpWorld, revisedDays: number): StatementSource {
  const { client, modelOf, userOf } = world;
  const linesOf = async (day: string, { remarks }: Reading): Promise<readonly StatementLine[]> => {
    const parameters = [['bucket_width', '1d'] as const, ...grouped(GROUPS)];
    const rows = await readBucket(client, { path: PATH, parameters, headers: HEADERS, item: row }, day);
    return rows.flatMap((found) => {
      remarkNewClasses(found, remarks);
      const user = found.account_id ?? found.service_account_id ?? undefined;
      const texts: StatementLine = {
        ...{ provider: 'anthropic', workspace: found.workspace_id ?? undefined, user: userOf(user, day), apiKey: found.api_key_id ?? undefined },
        ...modelOf(found.model ?? undefined),
        serviceTier: remarks.value('service_tier', found.service_tier, SERVICE_TIERS),
        speed: remarks.value('speed', found.speed, SPEEDS),
        contextWindow: remarks.value('context_window', found.context_window, CONTEXT_WINDOWS),
        inferenceGeo: remarks.value('inference_geo', found.inference_geo, INFERENCE_GEOS),
      };
      return usageLines(texts, found);
    });
  };
  return {
    ...{ title: "Anthropic's usage report", delayMs: DELAY_MS, revisedDays },
    read: (days, reading) => dayByDay(days, reading, linesOf),
    names: () => readNames(world),
  };
}
