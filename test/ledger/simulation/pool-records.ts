/** Records of sessions and pools of several days and people, with everything that makes booking hard, and how they may be delivered. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../collector/core/duration.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { underWay } from '../../../collector/ledger/increments.ts';
import { anybodyIn, keyIn, poolId } from '../../../collector/ledger/pools.ts';
import { asideIdentity } from '../../../collector/ledger/set-aside.ts';
import { event, metric, NOON, usd } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';

const REALM = anybodyIn('r');
const UNDER_WAY = underWay({ series: 'x', startMs: NOON - 2 * DAY_MS });
export const KEYS: readonly (readonly string[])[] = [
  ...[[], ['a'], ['b'], ['a', 'b'], ['c']],
  ...[[keyIn('r', 'a'), REALM.all], [REALM.all, REALM.nobody], [REALM.nobody], [keyIn('r', 'a'), 'a']],
];

/** `most`: how its records mostly say whose they are. */
interface Place {
  readonly sessionId: string;
  readonly most: readonly string[];
}

function places(random: Random): Place[] {
  const keys = Array.from({ length: 1 + random.below(4) }, () => random.pick(KEYS));
  const days = 1 + random.below(3);
  const sessions = Array.from({ length: 1 + random.below(4) }, (_, index) => ({ sessionId: `s${index}`, most: random.pick(keys) }));
  const pools = Array.from({ length: 1 + random.below(4) }, (_, index) => {
    const day = new Date(NOON + random.below(days) * DAY_MS).toISOString().slice(0, 10);
    return { sessionId: poolId(`owner${index}`, day), most: random.pick(keys) };
  });
  return [...sessions, ...pools];
}

/** A time that is often close to midnight, and to others. */
export function timeFrom(random: Random, days: number): number {
  const near = random.pick([NOON, NOON + DAY_MS / 2, NOON + random.below(days + 1) * DAY_MS, NOON + DAY_MS / 2 + random.below(days) * DAY_MS]);
  return near + random.pick([1, 1, 10, 60]) * (random.below(21) - 10) * 30_000;
}

function entryOf(random: Random, index: number, { sessionId, most }: Place, days: number): Entry {
  const timeMs = timeFrom(random, days);
  const keys = random.chance(0.8) ? most : random.pick(KEYS);
  const model = random.pick(['opus', 'haiku']);
  const rest = {
    id: `${index}`,
    sessionId,
    timeMs,
    model,
    user: random.pick(['u', 'v']),
    cost: `0.0${1 + random.below(9)}`,
    ...(random.chance(0.95) && { keys }),
  };
  const kind = random.below(20);
  if (kind < 8) return event({ ...rest, sequence: index, ...(random.chance(0.04) && { isTimeUncertain: true }) });
  if (kind < 9) return { ...event({ ...rest, sequence: index, cost: '0' }), listCost: usd('0.5'), isCostMissing: true };
  if (kind < 10) return { ...event({ ...rest, cost: '0' }), listCost: 0n, amounts: random.pick([{}, { requests: 1 }]) };
  if (kind < 11) {
    const { startMs: _, ...late } = random.chance(0.5) ? event(rest) : metric(rest);
    return { ...late, identity: asideIdentity(late.identity), isSetAside: true, isTimeUncertain: true };
  }
  const amounts = random.pick([{}, { input_tokens: random.below(30) }, { output_tokens: random.below(3) }]);
  if (kind < 17) {
    const lengthMs = random.pick([0, 1, 1, 2, 10]) * MINUTE_MS * random.below(3) + (random.chance(0.05) ? 30 * HOUR_MS : 0);
    const startMs = random.chance(0.05) ? undefined : timeMs - lengthMs + (random.chance(0.03) ? HOUR_MS : 0);
    return metric({ ...rest, startMs, amounts, ...(random.chance(0.02) && { isTimeUncertain: true }) });
  }
  const cumulative = { series: random.pick(['x', 'y', UNDER_WAY]), startMs: random.chance(0.7) ? NOON - DAY_MS : 0 };
  const reading = random.chance(0.2) ? { cost: '0', amounts: {} } : { cost: `0.${10 + random.below(80)}`, amounts };
  return metric({ ...rest, ...reading, cumulative });
}

export function generatePools(random: Random): Entry[] {
  const among = places(random);
  const days = 1 + random.below(3);
  const isRunning = random.chance(0.5);
  const entries = Array.from({ length: 4 + random.below(30) }, (_, index) => entryOf(random, index, random.pick(among), days));
  return isRunning ? entries : entries.filter(({ cumulative }) => cumulative === undefined);
}

/** In groups of random sizes, in order or not, some more than once. */
export function* deliveries(random: Random, entries: readonly Entry[], again: (entry: Entry) => Entry): Iterable<Entry[]> {
  const left = random.chance(0.3) ? [...entries] : random.shuffle(entries);
  const most = random.pick([1, 3, 12, 60]);
  const sent: Entry[] = [];
  while (left.length > 0) {
    const batch = left.splice(0, 1 + random.below(most));
    yield [...batch, ...sent.filter(() => random.chance(0.1)).map(again)];
    sent.push(...batch);
  }
}
