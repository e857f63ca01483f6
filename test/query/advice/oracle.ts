/**
 * The same advice once more, from the entries: slowly, block by block of a prompt, with prices written out. Amounts in pico-dollars by rule,
 * and together; undefined where none is known.
 */
import type { Entry } from '../../../collector/ledger/entry.ts';
import { BLOCK } from './generated.ts';

const MINUTE = 60_000;

type Kind = 'read' | 'write1h' | 'write5m' | 'input';
type Prices = Readonly<Record<Kind | 'output', number>>;

/** USD per million tokens are pico-dollars per token by a million. */
const price = (input: number, output: number, write5m: number, write1h: number, read: number): Prices => ({ input, output, write5m, write1h, read });
const OPUS = price(4e6, 20e6, 5e6, 8e6, 0.2e6);
const OPUS_FAST = price(8e6, 40e6, 10e6, 16e6, 0.4e6);
const SONNET = price(2e6, 10e6, 2.5e6, 4e6, 0.1e6);
const HAIKU = price(0.1e6, 0.5e6, 0.125e6, 0.2e6, 0.01e6);
const HAIKU_LONG = price(0.5e6, 2.5e6, 0.625e6, 1e6, 0.05e6);

/** A request, its prompt laid out in blocks. */
class Req {
  readonly entry: Entry;
  readonly atMs: number;
  readonly layout: Kind[] = [];

  constructor(entry: Entry) {
    this.entry = entry;
    this.atMs = entry.timeMs;
    const { cache_read_tokens = 0, cache_creation_tokens = 0, cache_creation_1h_tokens = 0, input_tokens = 0 } = entry.amounts;
    const lay = (kind: Kind, tokens: number): void => {
      for (let at = 0; at < tokens; at += BLOCK) this.layout.push(kind);
    };
    lay('read', cache_read_tokens);
    lay('write1h', cache_creation_1h_tokens);
    lay('write5m', cache_creation_tokens - cache_creation_1h_tokens);
    lay('input', input_tokens);
  }

  get model(): string {
    return this.entry.dimensions.model ?? '';
  }

  get prompt(): number {
    return this.layout.length * BLOCK;
  }

  count(kind: Kind): number {
    return this.layout.filter((one) => one === kind).length * BLOCK;
  }

  get prices(): Prices | undefined {
    const isFast = this.entry.dimensions.speed === 'fast';
    if (this.model === 'claude-opus-5-5') return isFast ? OPUS_FAST : OPUS;
    if (this.model === 'house-model' || isFast) return undefined;
    if (this.model === 'claude-sonnet-5-5') return SONNET;
    return this.prompt > 100_000 ? HAIKU_LONG : HAIKU;
  }

  listed(prices: Prices): bigint {
    const prompt = this.layout.reduce((sum, kind) => sum + BLOCK * prices[kind], 0);
    return BigInt(prompt) + BigInt(this.entry.amounts.output_tokens ?? 0) * BigInt(prices.output);
  }

  /** A part of the list price, in proportion to what was paid. */
  paid(part: bigint): bigint {
    const prices = this.prices;
    const list = prices === undefined ? 0n : this.listed(prices);
    return this.entry.cost < list ? (part * this.entry.cost) / list : part;
  }

  /** What the blocks between two places cost. */
  between(from: number, to: number): bigint | undefined {
    const { prices } = this;
    if (prices === undefined) return undefined;
    let sum = 0n;
    this.layout.forEach((kind, index) => {
      const part = Math.min(to, (index + 1) * BLOCK) - Math.max(from, index * BLOCK);
      if (part > 0) sum += BigInt(part * prices[kind]);
    });
    return this.paid(sum);
  }
}

export type Claims = Map<Req, bigint | undefined>;
export type Amounts = Readonly<Record<string, bigint | undefined>>;

interface Talk {
  readonly all: readonly Req[];
  readonly main: readonly Req[];
  readonly times: (measure: 'compactions' | 'prompts' | 'landed') => readonly number[];
  readonly wrote: boolean;
}

function talkOf(entries: readonly Entry[]): Talk {
  const sorted = entries.toSorted((a, b) => a.timeMs - b.timeMs || (a.identity < b.identity ? -1 : 1));
  const all = sorted.filter(({ amounts }) => amounts.requests === 1).map((entry) => new Req(entry));
  const count = ({ amounts }: Entry, measure: 'compactions' | 'prompts' | 'landed'): number =>
    measure === 'landed' ? (amounts.commits ?? 0) + (amounts.pull_requests ?? 0) : (amounts[measure] ?? 0);
  return {
    all,
    main: all.filter(({ entry }) => entry.dimensions.query_source === 'main'),
    times: (measure) => sorted.filter((entry) => count(entry, measure) > 0).map(({ timeMs }) => timeMs),
    wrote: sorted.some((entry) => count(entry, 'landed') > 0 || entry.amounts.edits_accepted !== undefined),
  };
}

function rebuilds({ main, times }: Talk): Claims {
  const claims: Claims = new Map();
  for (let index = 1; index < main.length; index++) {
    const [last, request] = [main[index - 1], main[index]];
    if (last === undefined || request === undefined || last.model !== request.model) continue;
    if (times('compactions').some((at) => at >= last.atMs && at < request.atMs)) continue;
    const wrote = main.slice(0, index).findLast((one) => one.count('write1h') + one.count('write5m') > 0);
    const lifetime = (wrote?.count('write1h') ?? 0) > 0 ? 60 * MINUTE : 5 * MINUTE;
    if (request.atMs - (request.entry.amounts.api_duration_ms ?? 0) - last.atMs <= lifetime) continue;
    const cached = last.prompt - last.count('input');
    const again = request.layout
      .map((kind, at) => (kind.startsWith('write') && at * BLOCK < cached ? BLOCK : 0))
      .reduce<number>((sum, one) => sum + one, 0);
    if (again < 10_000) continue;
    const { prices } = request;
    const cheap = Math.min(again, request.count('write5m'));
    const more = (p: Prices): bigint => BigInt(cheap * (p.write5m - p.read) + (again - cheap) * (p.write1h - p.read));
    claims.set(request, prices === undefined ? undefined : request.paid(more(prices)));
  }
  return claims;
}

/** Of each compaction the first prompt after it and before the next, where there was one before, too. */
function afterwards({ main, times }: Talk): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const ends = times('compactions');
  ends.forEach((end, index) => {
    const [from, to] = [ends[index - 1] ?? Number.NEGATIVE_INFINITY, ends[index + 1] ?? Number.POSITIVE_INFINITY];
    const next = main.find(({ atMs }) => atMs > end && atMs <= to);
    if (next !== undefined && main.some(({ atMs }) => atMs > from && atMs <= end)) found.set(index, next.prompt);
  });
  return found;
}

function late(talk: Talk, usual: number | undefined): Claims {
  const claims: Claims = new Map();
  const ends = [...talk.times('compactions'), Number.POSITIVE_INFINITY];
  const after = afterwards(talk);
  ends.forEach((end, index) => {
    const leg = talk.main.filter(({ atMs }) => atMs > (ends[index - 1] ?? Number.NEGATIVE_INFINITY) && atMs <= end);
    const at = leg.findIndex(({ prompt }) => prompt >= 100_000);
    const passed = leg[at];
    if (passed === undefined) return;
    const carrying: Req[] = [];
    for (const request of leg.slice(at + 1)) {
      if (request.prompt < passed.prompt) break;
      carrying.push(request);
    }
    const shrunk = after.get(index) ?? usual;
    if (carrying.length < 5 || (shrunk !== undefined && shrunk >= passed.prompt)) return;
    const p = passed.prices;
    const amounts = carrying.map((request) => (shrunk === undefined || p === undefined ? undefined : request.between(shrunk, passed.prompt)));
    const began = talk.main[0]?.prompt ?? 0;
    let owed =
      shrunk === undefined || p === undefined
        ? 0n
        : BigInt(passed.prompt) * BigInt(p.read) + BigInt(Math.max(2_000, shrunk - began)) * BigInt(p.output) + BigInt(shrunk) * BigInt(p.write5m);
    const net = amounts.map((amount) => {
      if (amount === undefined) return undefined;
      const rest = amount > owed ? amount - owed : 0n;
      owed = amount > owed ? 0n : owed - amount;
      return rest;
    });
    if (owed > 0n && !amounts.includes(undefined)) return;
    carrying.forEach((request, place) => {
      claims.set(request, net[place]);
    });
  });
  return claims;
}

function uncleared({ main, times }: Talk): Claims {
  const claims: Claims = new Map();
  const starts: number[] = [];
  for (const at of times('prompts')) {
    const last = main.findLast(({ atMs }) => atMs <= at);
    if (last === undefined) continue;
    const landed = times('landed').some((one) => one <= at && one > (starts.at(-1) ?? Number.NEGATIVE_INFINITY));
    if (at - last.atMs >= 480 * MINUTE || (landed && at - last.atMs >= 10 * MINUTE)) starts.push(at);
  }
  starts.forEach((start, index) => {
    const last = main.findLast(({ atMs }) => atMs <= start);
    const began = main[0]?.prompt ?? 0;
    if (last === undefined || last.prompt - began < 20_000) return;
    const end = Math.min(
      starts[index + 1] ?? Number.POSITIVE_INFINITY,
      times('compactions').find((at) => at >= last.atMs) ?? Number.POSITIVE_INFINITY,
    );
    for (const request of main.filter(({ atMs }) => atMs > start && atMs <= end)) {
      if (request.prompt < last.prompt) break;
      claims.set(request, request.between(began, last.prompt));
    }
  });
  return claims;
}

function smaller({ all, main, times, wrote }: Talk): Claims {
  const output = main.reduce((sum, { entry }) => sum + (entry.amounts.output_tokens ?? 0), 0);
  const isSmall =
    !wrote &&
    times('compactions').length === 0 &&
    all.every(({ entry }) => entry.dimensions.query_source !== 'subagent') &&
    main.length <= 8 &&
    output <= 4_000 &&
    main.every(({ prompt }) => prompt <= 60_000);
  const asked = all.filter((request) => (isSmall && main.includes(request)) || request.entry.dimensions.agent === 'Explore');
  return new Map(
    asked
      .filter(({ entry, model }) => model === 'claude-opus-5-5' && entry.dimensions.speed !== 'fast')
      .map((request) => [request, request.paid(request.listed(OPUS) - request.listed(SONNET))]),
  );
}

function background({ all }: Talk): Claims {
  const claims: Claims = new Map();
  let sum = 0n;
  for (const request of all.filter(({ entry }) => entry.dimensions.query_source_detail === 'prompt_suggestion')) {
    const before = sum > 40_000_000_000n ? sum : 40_000_000_000n;
    sum += request.entry.cost;
    if (sum > before) claims.set(request, sum - before);
  }
  return claims;
}

const add = (amounts: Iterable<bigint | undefined>): bigint | undefined => {
  const known = [...amounts];
  const sum = known.filter((one) => one !== undefined).reduce((total, one) => total + one, 0n);
  return known.length > 0 && known.every((one) => one === undefined) ? undefined : sum;
};

const RULES = { cache_rebuilds: rebuilds, tasks_without_clear: uncleared, smaller_model: smaller, background } as const;

/** What is said of these entries; a rule that has nothing to say is left out. */
export function adviceOf(entries: readonly Entry[]): Amounts {
  const byRule = new Map<string, (bigint | undefined)[]>();
  const largest = new Map<Req, bigint | undefined>();
  const take = (rule: string, claims: Claims): void => {
    for (const [request, amount] of claims) {
      if (amount === 0n) continue;
      byRule.getOrInsertComputed(rule, () => []).push(amount);
      const before = largest.get(request);
      if (before === undefined || (amount !== undefined && amount > before)) largest.set(request, amount);
    }
  };
  for (const own of Map.groupBy(entries, ({ dimensions }) => dimensions.user).values()) {
    const talks = [...Map.groupBy(own, ({ sessionId }) => sessionId).values()].map(talkOf);
    const sizes = talks.flatMap((talk) => [...afterwards(talk).values()]).sort((a, b) => a - b);
    const middle = [sizes[Math.floor((sizes.length - 1) / 2)], sizes[Math.floor(sizes.length / 2)]];
    const usual = middle[0] === undefined || middle[1] === undefined ? undefined : Math.ceil((middle[0] + middle[1]) / 2);
    for (const talk of talks) {
      take('late_compaction', late(talk, usual));
      for (const [rule, find] of Object.entries(RULES)) take(rule, find(talk));
    }
  }
  return { ...Object.fromEntries([...byRule].map(([rule, amounts]) => [rule, add(amounts)])), together: add(largest.values()) };
}
