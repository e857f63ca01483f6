/**
 * `claude-code-analytics`: Claude Code's own report by user and day (GET /v1/organizations/usage_report/claude_code). Its cost is an estimate, and what
 * goes over a cloud is not in it.
 */
import { z } from 'zod';
import { HOUR_MS } from '../../core/duration.ts';
import { parseCents } from '../amounts.ts';
import { dayByDay } from '../day-by-day.ts';
import type { Reading, StatementSource } from '../source.ts';
import type { StatementLine, TokenClass } from '../statement-line.ts';
import type { HttpWorld } from '../world.ts';
import { beginsOn, readList } from './api.ts';
import { text, tokens } from './words.ts';

const PATH = '/v1/organizations/usage_report/claude_code';
const ROWS_AT_ONCE = '1000';
/** Its data is older than an hour. */
const DELAY_MS = 2 * HOUR_MS;

const CUSTOMERS = new Set(['api', 'subscription']);
const ACTORS = new Set(['user_actor', 'api_actor']);

const row = z.looseObject({
  ...{ date: z.string(), organization_id: text, customer_type: text, subscription_type: text, terminal_type: text },
  is_remote: z.boolean().nullish(),
  actor: z.looseObject({ type: z.string(), email_address: text, api_key_name: text }),
  model_breakdown: z.array(
    z.looseObject({
      model: z.string(),
      tokens: z.looseObject({ input: tokens, output: tokens, cache_read: tokens, cache_creation: tokens }),
      estimated_cost: z.looseObject({ amount: z.union([z.number(), z.string()]), currency: z.literal('USD') }).nullish(),
    }),
  ),
});
type Row = z.output<typeof row>;

const CLASSES: readonly (readonly ['input' | 'output' | 'cache_read' | 'cache_creation', TokenClass])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cache_read', 'cache_read'],
  ['cache_creation', 'cache_write'],
];

export function claudeCodeAnalytics({ client, modelOf, userOf }: HttpWorld, revisedDays: number): StatementSource {
  const linesOf = async (day: string, { remarks }: Reading): Promise<readonly StatementLine[]> => {
    const parameters = [['starting_at', day] as const, ['limit', ROWS_AT_ONCE] as const];
    const rows = await readList(client, { path: PATH, parameters, item: row });
    if (rows.some(({ date }) => !beginsOn(date, day) && date !== day)) throw client.notUnderstood(`a row of ${PATH} is not of ${day}`);
    return onlyOnce(rows, remarks).flatMap((found) => {
      remarks.value('actor.type', found.actor.type, ACTORS);
      const texts: StatementLine = {
        ...{ provider: 'anthropic', product: 'claude_code', organization: found.organization_id ?? undefined },
        ...{ user: userOf(found.actor.email_address ?? undefined, day), apiKey: found.actor.api_key_name ?? undefined },
        // Who pays: the price of a plan, or each token.
        costType: remarks.value('customer_type', found.customer_type, CUSTOMERS),
      };
      return found.model_breakdown.flatMap((of) => modelLines({ ...texts, ...modelOf(of.model) }, of, client.notUnderstood.bind(client)));
    });
  };
  return {
    ...{ title: 'Claude Code Analytics', delayMs: DELAY_MS, revisedDays },
    read: (days, reading) => dayByDay(days, reading, linesOf),
  };
}

function modelLines(texts: StatementLine, of: Row['model_breakdown'][number], notUnderstood: (why: string) => Error): StatementLine[] {
  const { tokens: counts, estimated_cost: cost } = of;
  const lines: StatementLine[] = CLASSES.map(([name, tokenClass]) => ({ ...texts, tokenClass, tokens: counts[name] }));
  const counted = lines.filter((line) => line.tokens !== 0);
  if (cost === null || cost === undefined) return counted;
  const estimated = parseCents(cost.amount);
  if (estimated === undefined) throw notUnderstood(`an amount of ${PATH} is no amount in cents`);
  return [...counted, { ...texts, estimated }];
}

/** Rows of one user and day differ in who pays, the terminal and the place. The same row twice is a page that was answered twice. */
function onlyOnce(rows: readonly Row[], remarks: Reading['remarks']): readonly Row[] {
  const seen = new Map<string, Set<string>>();
  return rows.filter((found) => {
    const { date, actor, customer_type: customer, subscription_type: plan, terminal_type: terminal, is_remote: isRemote } = found;
    const key = JSON.stringify([date, found.organization_id, actor, customer, plan, terminal, isRemote]);
    const content = JSON.stringify(found);
    const before = seen.getOrInsertComputed(key, () => new Set());
    const isKnown = before.has(content);
    if (isKnown) remarks.count('The same row twice, counted once');
    else if (before.size > 0) remarks.count('Rows that differ in their amounts alone, added up');
    before.add(content);
    return !isKnown;
  });
}
