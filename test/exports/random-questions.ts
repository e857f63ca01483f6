/** Time ranges, zones, filters and dimensions at random. */
import type { Random } from '../support/random.ts';
import { DAYS, FROM_MS } from './random-ledger.ts';

const QUARTER_MS = 900_000;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns'];
const BY = ['team', 'user', 'model', 'workspace', 'organization', 'provider', 'speed'];
const GRAINS = ['total', 'day', 'week', 'month', 'hour'];
const FILTERS = ['team:platform', 'team:unallocated', 'model:claude-opus-5-5', 'user:alice@example.com', 'provider:bedrock', 'workspace:space-1'];

export interface RandomQuestion {
  /** from, to, tz and where of a query string. */
  readonly range: string;
  readonly by: string;
  readonly grain: string;
}

export function randomQuestion(random: Random): RandomQuestion {
  const quarters = DAYS * 96;
  const [first, second] = [random.below(quarters), random.below(quarters)].sort((a, b) => a - b) as [number, number];
  const instant = (quarter: number): string => new Date(FROM_MS + quarter * QUARTER_MS).toISOString();
  const parts = [
    ...(random.chance(0.8) ? [`from=${instant(first)}`] : []),
    ...(random.chance(0.8) ? [`to=${instant(second + 1)}`] : []),
    ...(random.chance(0.7) ? [`tz=${random.pick(ZONES)}`] : []),
    ...random
      .shuffle(FILTERS)
      .slice(0, random.below(3))
      .map((filter) => `where=${encodeURIComponent(filter)}`),
  ];
  return { range: parts.join('&'), by: random.shuffle(BY).slice(0, random.below(4)).join(','), grain: random.pick(GRAINS) };
}
