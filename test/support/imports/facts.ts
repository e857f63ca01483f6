/** What an organization used, made up: every report of a stand-in is a view of the same facts, so that their sums must agree. */
import type { Random } from '../random.ts';

export const TOKEN_TYPES = [
  'uncached_input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Tokens of one class that one user used in one way on one day. Money in pico-dollars. */
export interface Fact {
  readonly day: string;
  readonly user: string | null;
  readonly key: string | null;
  readonly workspace: string | null;
  readonly model: string;
  readonly product: string;
  readonly tier: string;
  readonly speed: string;
  readonly context: string;
  readonly geo: string | null;
  readonly type: TokenType;
  readonly tokens: number;
  readonly billed: bigint;
  readonly list: bigint;
}

const MODELS = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];

/** With fractions of cents down to the last digit that there is. */
export function factsOf(random: Random, days: readonly string[], perDay: number): Fact[] {
  return days.flatMap((day) =>
    Array.from({ length: perDay }, (): Fact => {
      const list = BigInt(1 + random.below(2 ** 31)) * 1_009n;
      return {
        ...{ day, user: random.pick(['ada@example.com', 'Bob@Example.com', null]), key: random.pick(['apikey_1', 'apikey_2', null]) },
        ...{ workspace: random.pick(['wrkspc_a', 'wrkspc_b', null]), model: random.pick(MODELS), product: random.pick(['claude_code', 'chat']) },
        ...{ tier: random.pick(['standard', 'batch']), speed: random.pick(['standard', 'fast']), context: random.pick(['0-200k', '200k-1M']) },
        ...{ geo: random.pick(['global', 'us', null]), type: random.pick(TOKEN_TYPES), tokens: random.below(10_000_000) },
        ...{ list, billed: (list * BigInt(80 + random.below(20))) / 100n },
      };
    }),
  );
}

/** 1 USD = 10^12, so that a cent is 10^10: "123.4567891234". */
export function centsText(pico: bigint): string {
  const magnitude = pico < 0n ? -pico : pico;
  const fraction = (magnitude % 10n ** 10n).toString().padStart(10, '0').replace(/0+$/, '');
  return `${pico < 0n ? '-' : ''}${magnitude / 10n ** 10n}${fraction === '' ? '' : `.${fraction}`}`;
}

export const sum = (facts: readonly Fact[], of: (fact: Fact) => bigint): bigint => facts.reduce((total, fact) => total + of(fact), 0n);
export const tokensOf = (facts: readonly Fact[]): bigint => sum(facts, ({ tokens }) => BigInt(tokens));

/** Groups in the order in which they come. */
export function groupsOf<Key extends object>(facts: readonly Fact[], keyOf: (fact: Fact) => Key): { readonly key: Key; readonly facts: Fact[] }[] {
  const groups = new Map<string, { readonly key: Key; readonly facts: Fact[] }>();
  for (const fact of facts) {
    const key = keyOf(fact);
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { key, facts: [] };
    group.facts.push(fact);
    groups.set(text, group);
  }
  return [...groups.values()];
}
