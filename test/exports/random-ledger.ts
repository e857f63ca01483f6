/** Random usage of a small organization over two months that hold a change of the clocks, in a real ledger. Corrections are often more than the day has. */
import { DAY_MS } from '../../collector/core/duration.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { adjustment, event, metric, usd } from '../support/entries.ts';
import type { Random } from '../support/random.ts';
import { openTestLedger, type TestLedger } from '../support/sqlite-ledger.ts';

/** The clocks of Berlin change on 25 October 2026, those of New York on 1 November. */
export const FROM_MS = Date.parse('2026-10-10T00:00:00Z');
export const DAYS = 40;
export const NOW_MS = FROM_MS + DAYS * DAY_MS;

const MODELS = ['claude-opus-5-5', 'claude-haiku-4-5', 'claude-unheard-of', ''];
const TEAMS = ['platform', 'search', '', '=cmd()', 'ops, "night"\nshift'];
const USERS = ['alice@example.com', 'bob@example.com', 'Zoë Ünal', '', '-1+2'];
const PROVIDERS = ['firstParty', 'bedrock', 'vertex', 'foundry', 'own-gateway', ''];
const MICRO = 1_000_000;

export async function randomLedger(random: Random, entries: number): Promise<TestLedger> {
  const ledger = await openTestLedger();
  for (let from = 0; from < entries; from += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, entries - from) }, (_, index) => randomEntry(random, String(from + index)));
    await ledger.writer.append({ entries: batch, receivedMs: NOW_MS });
  }
  return ledger;
}

function randomEntry(random: Random, id: string): Entry {
  const speed = random.chance(0.1) ? 'fast' : random.chance(0.5) ? 'normal' : '';
  const written = random.chance(0.6) ? random.below(200_000) : 0;
  const common = {
    ...{ id, model: random.pick(MODELS), team: random.pick(TEAMS), user: random.pick(USERS) },
    sessionId: `session-${random.below(60)}`,
    timeMs: FROM_MS + random.below(DAYS * DAY_MS),
    cost: random.chance(0.1) ? '0' : `${random.below(3)}.${String(random.below(MICRO)).padStart(6, '0')}${random.below(MICRO)}`,
    dimensions: {
      ...(speed !== '' && { speed }),
      ...(random.chance(0.5) && { workspace: `space-${random.below(4)}` }),
      ...(random.chance(0.5) && { repository: `git@example.com:team/repo-${random.below(3)}.git` }),
      ...(random.chance(0.3) && { cost_center: `CC ${random.below(3)}`, department: 'R&D' }),
      ...(random.chance(0.7) && { organization: `org-${random.below(2)}` }),
      ...(random.chance(0.3) && { region: random.pick(['us', 'eu']) }),
      provider: random.pick(PROVIDERS),
    },
  };
  if (random.chance(0.15)) {
    const signed = (below: number): number => random.below(below) - Math.floor((below * 2) / 3);
    const amounts = { input_tokens: signed(50_000), output_tokens: signed(9_000), cache_creation_tokens: signed(9_000), requests: signed(5) };
    return adjustment({
      ...common,
      cost: `${signed(9)}.${random.below(MICRO)}`,
      listCost: usd(`${signed(9)}.5`),
      amounts: random.chance(0.7) ? amounts : {},
    });
  }
  if (random.chance(0.25)) return metric({ ...common, amounts: random.chance(0.5) ? { input_tokens: random.below(10_000) } : {} });
  return event({
    ...common,
    amounts: {
      ...{ requests: 1, input_tokens: random.below(100_000), output_tokens: random.below(10_000) },
      ...(random.chance(0.7) && { cache_read_tokens: random.below(1_000_000) }),
      ...(written > 0 && { cache_creation_tokens: written, ...(random.chance(0.5) && { cache_creation_1h_tokens: random.below(written + 1) }) }),
    },
  });
}
