/** Sessions of the demo's organization over whole days. */
import { DAY_MS } from '../../collector/core/duration.ts';
import { dayOf, sessionsOfDay } from '../../collector/demo/generate.ts';
import { organization } from '../../collector/demo/people.ts';
import type { DemoSession } from '../../collector/demo/session.ts';

/** Whole sessions, oldest day first, each with what must be booked for it. */
export function* generateSessions({ seed, people, days, endMs }: DemoOptions): Iterable<DemoSession> {
  const everyone = organization(seed, people);
  for (let back = days - 1; back >= 0; back--) {
    for (const session of sessionsOfDay(seed, everyone, dayOf(endMs - back * DAY_MS))) if (session.endMs <= endMs) yield session;
  }
}

export interface DemoOptions {
  readonly seed: string;
  readonly people: number;
  readonly days: number;
  /** The last instant of the last day. Sessions that end later are left out. */
  readonly endMs: number;
}
