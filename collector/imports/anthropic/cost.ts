/** `anthropic-cost`: what a Console organization is billed, by workspace, model and class of tokens (GET /v1/organizations/cost_report). */
import { z } from 'zod';
import { HOUR_MS } from '../../core/duration.ts';
import { parseCents } from '../amounts.ts';
import { dayByDay } from '../day-by-day.ts';
import type { Reading, StatementSource } from '../source.ts';
import type { StatementLine } from '../statement-line.ts';
import type { HttpWorld } from '../world.ts';
import { grouped, readBucket } from './api.ts';
import { readNames } from './names.ts';
import { CONTEXT_WINDOWS, COST_TYPES, cents, INFERENCE_GEOS, SERVICE_TIERS, text, tokenClassOf } from './words.ts';

const PATH = '/v1/organizations/cost_report';
const DELAY_MS = HOUR_MS;

const row = z.looseObject({
  ...{ amount: cents, currency: z.literal('USD'), cost_type: text, token_type: text, description: text, model: text },
  ...{ context_window: text, service_tier: text, inference_geo: text, workspace_id: text },
});

export function anthropicCost(world: HttpWorld, revisedDays: number): StatementSource {
  const { client, modelOf } = world;
  const linesOf = async (day: string, { remarks }: Reading): Promise<readonly StatementLine[]> => {
    const listing = { path: PATH, parameters: [['bucket_width', '1d'] as const, ...grouped(['workspace_id', 'description'])], item: row };
    return (await readBucket(client, listing, day)).map((found): StatementLine => {
      const billed = parseCents(found.amount);
      if (billed === undefined) throw client.notUnderstood(`an amount of ${PATH} on ${day} is too large`);
      return {
        ...{ provider: 'anthropic', workspace: found.workspace_id ?? undefined, ...modelOf(found.model ?? undefined) },
        // What is neither tokens nor searches has a description and nothing else.
        costType: remarks.value('cost_type', found.cost_type ?? found.description, COST_TYPES),
        tokenClass: tokenClassOf(found.token_type, remarks),
        contextWindow: remarks.value('context_window', found.context_window, CONTEXT_WINDOWS),
        serviceTier: remarks.value('service_tier', found.service_tier, SERVICE_TIERS),
        inferenceGeo: remarks.value('inference_geo', found.inference_geo, INFERENCE_GEOS),
        billed,
      };
    });
  };
  return {
    ...{ title: "Anthropic's cost report", delayMs: DELAY_MS, revisedDays },
    read: (days, reading) => dayByDay(days, reading, linesOf),
    names: () => readNames(world),
  };
}
