/** Entries and budgets of every kind around the moments at which calendars are odd, made by a seeded random. */
import type { Budget } from '../../collector/budgets/journal.ts';
import { budgetSchema } from '../../collector/config/budgets.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { event } from './entries.ts';
import type { Random } from './random.ts';

const ENTRIES = 900;
export const LEDGER = { timeZone: 'Europe/Berlin', weekStart: 'monday' } as const;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/St_Johns',
  'Pacific/Apia',
  'Africa/Cairo',
];
const TEAMS = ['platform', 'data', ''];
export const USERS = ['ada@example.com', 'ben@example.com', 'cleo@example.com', ''];
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5'];
const QUARTER = 900_000;
export const DAY = 86_400_000;
/** Around which all happens: clocks forward and back in both halves of the world, leap days, the ends of a year and of a February. */
export const MOMENTS = [
  '2024-02-29T12:00Z',
  '2023-12-31T23:30Z',
  '2024-03-31T01:00Z',
  '2024-10-27T01:00Z',
  '2024-04-25T22:00Z',
  '2024-11-03T06:00Z',
  '2024-04-06T15:30Z',
].map((text) => Date.parse(text));

export const near = (random: Random, spread: number): number => {
  const edge = random.chance(0.3) ? 0 : random.below(2 * spread) - spread;
  return random.pick(MOMENTS) + edge - (random.chance(0.2) ? 1 : 0);
};

export function generateEntries(random: Random): Entry[] {
  return Array.from({ length: ENTRIES }, (_, index) => {
    const timeMs = random.chance(0.5) ? Math.floor(near(random, 40 * DAY) / QUARTER) * QUARTER - random.below(2) : near(random, 40 * DAY);
    return event({
      ...{ id: String(index), sessionId: `s${index}`, timeMs, team: random.pick(TEAMS), user: random.pick(USERS), model: random.pick(MODELS) },
      cost: `${random.below(50)}.${random.below(1_000_000_000)}`,
      amounts: { requests: 1, input_tokens: random.below(1000), output_tokens: random.below(1000), cache_read_tokens: random.below(9000) },
    });
  });
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export function generateBudget(random: Random, index: number): Budget {
  const from = near(random, 60 * DAY);
  const period = random.pick<unknown>([
    ...['day', 'week', 'month', 'quarter', 'year'],
    ...[{ rolling_days: 1 + random.below(60) }, { from: day(from), to: day(from + (1 + random.below(50)) * DAY) }],
  ]);
  const scope = {
    ...(random.chance(0.5) && { team: random.chance(0.5) ? random.pick(['platform', 'unallocated']) : ['platform', 'data'] }),
    ...(random.chance(0.3) && { model: random.pick(MODELS) }),
    ...(random.chance(0.3) && { user: random.chance(0.5) ? 'ada@example.com' : ['ada@example.com', 'ben@example.com', 'nobody@example.com'] }),
  };
  const isOfTokens = random.chance(0.3);
  const members = [
    { user: 'ada@example.com', ...(isOfTokens ? { tokens: 20 } : { amount_usd: '20' }) },
    { user: 'zoe@example.com', ...(isOfTokens ? { tokens: 15 } : { amount_usd: '15' }) },
  ];
  const changes = random.chance(0.4)
    ? [{ from: day(near(random, 30 * DAY)), ...(isOfTokens ? { tokens: 700 } : { amount_usd: '700.00' }) }]
    : undefined;
  return budgetSchema.parse({
    ...{ name: `b${index}`, scope, period, time_zone: random.pick(ZONES), week_start: random.pick(['monday', 'sunday', 'saturday']) },
    ...(isOfTokens
      ? { tokens: { amount: 1 + random.below(100_000), classes: random.pick([['input'], ['input', 'output'], ['cache_read']]) } }
      : { amount_usd: `${100 + random.below(900)}.50` }),
    ...(random.chance(0.25) ? { per: 'user' } : random.chance(0.3) ? { members } : {}),
    ...(changes !== undefined && { amounts: changes }),
    ...(typeof period === 'string' && random.chance(0.5) && { rollover: true, ...(!isOfTokens && random.chance(0.5) && { rollover_max_usd: '33' }) }),
    hard_limit: random.chance(0.5),
  });
}
