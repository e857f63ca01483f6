/**
 * `anthropic-analytics`: the Usage and Cost Analytics API (GET /v1/organizations/analytics/cost and /usage), Console and Enterprise. Both are asked by
 * the same dimensions, so that money and tokens stand in one line. It takes five dimensions at once beside cost and token type; the others
 * are summed up by the provider.
 */
import { z } from 'zod';
import type { AnalyticsGroup } from '../../config/imports.ts';
import { DAY_MS } from '../../core/duration.ts';
import { parseCents } from '../amounts.ts';
import { dayByDay } from '../day-by-day.ts';
import type { Reading, StatementSource } from '../source.ts';
import type { StatementLine } from '../statement-line.ts';
import type { HttpWorld } from '../world.ts';
import { beginsOn, grouped, type Listing, readList, wholeDay } from './api.ts';
import { readNames } from './names.ts';
import {
  CONTEXT_WINDOWS,
  COST_TYPES,
  cents,
  INFERENCE_GEOS,
  remarkNewClasses,
  SERVICE_TIERS,
  SPEEDS,
  text,
  tokenClassOf,
  tokens,
  usageLines,
  usageShape,
} from './words.ts';

const PATH = '/v1/organizations/analytics';
const HEADERS = { 'anthropic-beta': 'analytics-usage-cost-2026-08-24' };
const ROWS_AT_ONCE = '1000';
/** Usually four hours, at most a day. */
const DELAY_MS = DAY_MS;
/** The day that is 365 days back is over at one end of the earth and not at the other. */
const DAYS_BACK = 364;
const FIRST_DAY = '2026-01-01';

const PRODUCTS = new Set([
  ...['chat', 'chat_cowork_unified', 'claude_code', 'claude_console', 'claude_design', 'claude_in_chrome', 'claude_tag', 'cowork'],
  ...['managed_agents_api', 'message_batches_api', 'messages_api', 'office_agent', 'cc_security_autopatch', 'other'],
]);
const ACTORS = new Set(['user_actor', 'service_account_actor', 'federated_actor', 'api_actor']);

const provider = z.looseObject({ type: z.string(), account_id: text, signed_principal: text });
const actor = z.looseObject({
  ...{ type: z.string(), email_address: text, user_id: text, service_account_id: text, api_key_id: text, subject: text },
  provider: provider.nullish(),
});
const group = z.looseObject({
  ...{ actor: actor.nullish(), api_key_id: text, context_window: text, cost_type: text, inference_geo: text, model: text },
  ...{ organization_id: text, product: text, service_tier: text, speed: text, token_type: text, workspace_id: text },
});
type Group = z.output<typeof group>;

const period = { starting_at: z.string() };
const costRow = z.looseObject({
  ...{ ...period, group },
  cost: z.looseObject({ amount: cents, list_amount: cents, currency: z.literal('USD'), requests: tokens.nullish() }),
});
const usageRow = z.looseObject({ ...{ ...period, group }, usage: z.looseObject({ ...usageShape, requests: tokens.nullish() }) });

export function anthropicAnalytics(world: HttpWorld, groups: readonly AnalyticsGroup[], revisedDays: number): StatementSource {
  const reader = new AnalyticsReader(world, groups);
  return {
    ...{ title: "Anthropic's Usage and Cost Analytics", delayMs: DELAY_MS, revisedDays, daysBack: DAYS_BACK, firstDay: FIRST_DAY },
    names: () => readNames(world),
    read: (days, reading) => dayByDay(days, reading, async (day, { remarks }: Reading) => reader.linesOf(day, remarks)),
  };
}

class AnalyticsReader {
  readonly #world: HttpWorld;
  readonly #groups: readonly AnalyticsGroup[];

  constructor(world: HttpWorld, groups: readonly AnalyticsGroup[]) {
    this.#world = world;
    this.#groups = groups;
  }

  async linesOf(day: string, remarks: Reading['remarks']): Promise<readonly StatementLine[]> {
    const costs = await this.#rows('cost', [...this.#groups, 'cost_type', 'token_type'], costRow, day);
    const usages = await this.#rows('usage', this.#groups, usageRow, day);
    return [
      ...costs.map(({ group: of, cost }) => ({ ...this.#textsOf(of, day, remarks), ...this.#amountsOf(cost, day) })),
      ...usages.flatMap(({ group: of, usage }): StatementLine[] => {
        remarkNewClasses(usage, remarks);
        const texts = this.#textsOf(of, day, remarks);
        const { requests } = usage;
        return [...usageLines(texts, usage), ...(typeof requests === 'number' ? [{ ...texts, requests }] : [])];
      }),
    ];
  }

  async #rows<Row extends { readonly starting_at: string }>(
    report: 'cost' | 'usage',
    by: readonly string[],
    item: Listing<Row>['item'],
    day: string,
  ) {
    const { client } = this.#world;
    const parameters = [...wholeDay(day), ['limit', ROWS_AT_ONCE] as const, ...grouped(by)];
    const rows = await readList(client, { path: `${PATH}/${report}`, parameters, headers: HEADERS, item });
    const other = rows.find(({ starting_at: at }) => !beginsOn(at, day));
    if (other !== undefined) throw client.notUnderstood(`a row of ${PATH}/${report} is not of ${day}`);
    return rows;
  }

  #amountsOf(cost: z.output<typeof costRow>['cost'], day: string): StatementLine {
    const [billed, list] = [parseCents(cost.amount), parseCents(cost.list_amount)];
    if (billed === undefined || list === undefined) throw this.#world.client.notUnderstood(`an amount of ${PATH}/cost on ${day} is too large`);
    return { billed, list };
  }

  #textsOf(of: Group, day: string, remarks: Reading['remarks']): StatementLine {
    const { modelOf } = this.#world;
    return {
      ...{ provider: 'anthropic', organization: of.organization_id ?? undefined, workspace: of.workspace_id ?? undefined },
      ...modelOf(of.model ?? undefined),
      ...this.#actorOf(of, day, remarks),
      product: remarks.value('product', of.product, PRODUCTS),
      costType: remarks.value('cost_type', of.cost_type, COST_TYPES),
      tokenClass: tokenClassOf(of.token_type, remarks),
      serviceTier: remarks.value('service_tier', of.service_tier, SERVICE_TIERS),
      speed: remarks.value('speed', of.speed, SPEEDS),
      contextWindow: remarks.value('context_window', of.context_window, CONTEXT_WINDOWS),
      inferenceGeo: remarks.value('inference_geo', of.inference_geo, INFERENCE_GEOS),
    };
  }

  /** A user by address, else by id; what a cloud signed for by its principal. */
  #actorOf({ actor: of, api_key_id: key }: Group, day: string, remarks: Reading['remarks']): StatementLine {
    if (of === null || of === undefined) return { apiKey: key ?? undefined };
    remarks.value('actor.type', of.type, ACTORS);
    const user = of.email_address ?? of.user_id ?? of.service_account_id ?? of.provider?.signed_principal ?? of.subject ?? undefined;
    return { user: this.#world.userOf(user, day), apiKey: key ?? of.api_key_id ?? undefined };
  }
}
