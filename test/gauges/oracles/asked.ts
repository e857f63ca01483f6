/** What is asked of an oracle: entries, an instant, a zone and filters. */
import type { Filter } from '../../../collector/catalog/values.ts';
import type { Entry } from '../../../collector/ledger/entry.ts';
import { event } from '../../support/entries.ts';
import type { Random } from '../../support/random.ts';

export const MINUTE = 60_000;
export const DAY = 86_400_000;
/** After the clock went back in New York, within a month that has two offsets. */
export const LAST = Date.parse('2026-11-09T20:31:00Z');

export type Own = 'organization' | 'team' | 'user' | 'workspace' | 'model';
export const stored = ({ dimensions }: Entry, name: Own | 'query_source' | 'client_version'): string => dimensions[name] ?? '';
export const known = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));

const ENTRIES = 700;

/** Users who work in several organizations and change teams. A session has one owner and ends with the day. */
export function generated(random: Random, timeZone: string): Entry[] {
  return Array.from({ length: ENTRIES }, (_, index) => {
    // No two in one minute, which is all that the ledger knows of when somebody was last seen.
    const minutes = Math.floor((random.next() ** 2 * 45 * DAY) / MINUTE / ENTRIES) * ENTRIES + index + 1;
    const timeMs = LAST - minutes * MINUTE + random.below(MINUTE);
    const day = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate().toString();
    const owner = { user: random.pick(['ada', 'bob', 'cy', 'dee', 'eve', 'fay', '']), organization: random.pick(['acme', 'acme', 'beta', '']) };
    const [team, workspace] = [random.pick(['core', 'web', '']), random.pick(['api', 'site'])];
    return event({
      id: `${index}`,
      sessionId: [owner.user, owner.organization, team, workspace, day].join('/'),
      cost: random.chance(0.1) ? '0' : String(random.below(9_000) / 100),
      timeMs,
      user: owner.user,
      team,
      amounts: { requests: 1, input_tokens: random.below(900), output_tokens: random.below(90), cache_read_tokens: random.below(10_000) },
      dimensions: known({ ...owner, team, workspace, model: random.pick(['m1', 'm2']), query_source: random.pick(['main', 'auxiliary']) }),
    });
  }).sort((a, b) => a.timeMs - b.timeMs);
}

export interface Asked {
  readonly entries: readonly Entry[];
  readonly nowMs: number;
  readonly timeZone: string;
  readonly where: readonly Filter[];
  /** Not booked: dated outside the window, and reported by nobody in particular. */
  readonly setAside?: readonly Entry[];
  readonly heldBack?: readonly Entry[];
}

export const dayOf = ({ timeMs }: Pick<Entry, 'timeMs'>, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(zone).toPlainDate().toString();
export const isThisMonth = ({ timeZone, nowMs }: Asked) => {
  const month = dayOf({ timeMs: nowMs }, timeZone).slice(0, 7);
  return (entry: Entry): boolean => dayOf(entry, timeZone).startsWith(month);
};
export const isChosen = (where: readonly Filter[]) => (entry: Entry) =>
  where.every(({ dimension, values }) => values.includes(stored(entry, dimension as Own)));
export const cost = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + Number(entry.cost) / 1e12, 0);
