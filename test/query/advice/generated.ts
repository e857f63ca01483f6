/** Made-up sessions of two users, with whatever a ledger may hold: pauses, compactions, subagents, clocks that jump, models without a price. */
import type { Entry } from '../../../collector/ledger/entry.ts';
import type { Random } from '../../support/random.ts';
import { incident, MINUTE, request, TODAY } from '../explain/scenario.ts';

export const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'house-model'] as const;
const USERS = ['ada', 'bob'] as const;

/** Round sizes, so that what the oracle walks through comes in blocks. */
export const BLOCK = 500;
const between = (random: Random, least: number, most: number): number => least + random.below(most - least + 1);
const blocks = (random: Random, max: number): number => BLOCK * between(random, 0, max / BLOCK);

export function anySession(random: Random, session: string): Entry[] {
  const isShared = random.chance(0.2);
  const isLarge = random.chance(0.5);
  let user = random.pick(USERS);
  let model: string = random.pick(MODELS);
  let atMs = TODAY + between(random, 0, 600) * MINUTE;
  let [prompt, lifetime] = [20_000, random.pick(['5m', '1h'])];
  const entries: Entry[] = [];
  const steps = isLarge ? between(random, 40, 160) : between(random, 1, 12);
  for (let step = 0; step < steps; step++) {
    // Now and then a clock goes backwards.
    atMs += random.chance(0.03)
      ? -between(random, 1, 90) * MINUTE
      : random.chance(0.1)
        ? between(random, 5, 700) * MINUTE
        : between(random, 1_000, 200_000);
    if (random.chance(0.02)) model = random.pick(MODELS);
    if (isShared && random.chance(0.1)) user = random.pick(USERS);
    const common = { session, user, team: 'platform', atMs, model, input: blocks(random, 1_000), output: between(random, 1, 900) };
    const dims = { speed: random.chance(0.05) ? 'fast' : 'normal' };
    if (random.chance(0.08)) entries.push(aside(random, common));
    if (random.chance(0.1)) entries.push(of(user, incident('platform', session, atMs - 1, { prompts: 1 })));
    if (random.chance(0.06))
      entries.push(of(user, incident('platform', session, atMs - 2, random.pick([{ commits: 1 }, { pull_requests: 1 }, { edits_accepted: 1 }]))));
    if (random.chance(0.02)) {
      entries.push(of(user, incident('platform', session, atMs - 3, { compactions: 1 })));
      prompt = 20_000 + blocks(random, 20_000);
    }
    const read = random.chance(0.8) ? prompt : blocks(random, prompt);
    const written = prompt - read + blocks(random, isLarge ? 8_000 : 2_000);
    lifetime = random.chance(0.02) ? random.pick(['5m', '1h']) : lifetime;
    const split = lifetime === '1h' ? { written: 0, written1h: written } : { written, written1h: 0 };
    entries.push(paid(random, request({ ...common, ...split, read, dimensions: dims, amounts: { api_duration_ms: between(random, 0, 90_000) } })));
    prompt = read + written;
  }
  return entries;
}

const of = (user: string, entry: Entry): Entry => ({ ...entry, dimensions: { ...entry.dimensions, user } });

function paid(random: Random, entry: Entry): Entry {
  const { listCost } = entry;
  return { ...entry, cost: listCost === 0n ? 10_000_000n : random.pick([listCost, listCost, (listCost * 7n) / 10n, listCost + 10_000_000_000n]) };
}

/** Of a subagent, or in the background. */
function aside(random: Random, common: Parameters<typeof request>[0]): Entry {
  const [query_source, query_source_detail, agent] = random.pick([
    ['subagent', 'agent:builtin:Explore', 'Explore'],
    ['subagent', 'agent:custom', 'custom'],
    ['auxiliary', 'prompt_suggestion', ''],
    ['auxiliary', 'compact', ''],
  ] as const);
  const entry = request({
    ...common,
    atMs: common.atMs - 5,
    read: blocks(random, 60_000),
    written: blocks(random, 4_000),
    dimensions: { query_source, query_source_detail, agent },
  });
  return paid(random, entry);
}
