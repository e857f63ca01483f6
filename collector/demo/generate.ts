/**
 * Every session of the demo's organization, by calendar day. A day's sessions depend on the seed and the day alone, never on
 * when they are asked for: started again tomorrow, the demo sends the same records, which the ledger recognizes.
 */
import { DAY_MS, HOUR_MS } from '../core/duration.ts';
import type { Family } from './models.ts';
import { type Person, versionOn } from './people.ts';
import { Random } from './random.ts';
import { type DemoSession, playSession, type SessionPlan } from './session.ts';

/** One person's unattended script runs away every so many days. */
const RUNAWAY_PERSON = 3;
const RUNAWAY_EVERY_DAYS = 19;

/** "2026-11-20" of an instant, in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Sessions that begin on a day of their person's own calendar. */
export function* sessionsOfDay(seed: string, everyone: readonly Person[], day: string): Iterable<DemoSession> {
  for (const who of everyone) for (const plan of plansOf(seed, who, day)) yield playSession(plan);
}

function plansOf(seed: string, who: Person, day: string): SessionPlan[] {
  const random = new Random(seed, who.index, day);
  const midnightMs = Temporal.PlainDate.from(day).toZonedDateTime(who.zone).epochMilliseconds;
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay();
  const isWeekend = weekday === 0 || weekday === 6;
  const plans: SessionPlan[] = [];
  if (random.chance(isWeekend ? 0.06 : who.habit)) plans.push(...workday(who, day, midnightMs, random, isWeekend ? 0.35 : 1));
  if (who.index === RUNAWAY_PERSON && (Date.parse(day) / DAY_MS) % RUNAWAY_EVERY_DAYS === 5) plans.push(runaway(who, day, midnightMs, random));
  return plans;
}

function workday(who: Person, day: string, midnightMs: number, random: Random, intensity: number): SessionPlan[] {
  const sessions = random.whole(1, 4);
  const requests = Math.max(4, random.around(who.diligence * intensity, 0.5));
  const plans: SessionPlan[] = [];
  for (let index = 0; index < sessions; index++) {
    // Morning to evening, with a dip at noon.
    const hour = 8.2 + ((index + random.next()) / sessions) * 9.3;
    const startMs = Math.round(midnightMs + (hour > 12 && hour < 13 ? hour + 0.8 : hour) * HOUR_MS);
    const resumed = random.chance(0.08);
    plans.push({
      ...{ who, day, random, sessionId: random.uuid(), version: versionOn(who, day), repository: random.pick(who.repositories) },
      family: familyFor(who, random),
      starts: resumed ? [startMs, startMs + 3 * HOUR_MS] : [startMs],
      requests: Math.max(1, Math.round(requests / sessions / (resumed ? 2 : 1))),
      kind: random.chance(0.12) ? 'headless' : 'interactive',
      killed: random.chance(0.03),
      interrupted: random.chance(0.05),
    });
  }
  return plans;
}

function familyFor(who: Person, random: Random): Family {
  if (random.chance(0.75)) return who.family;
  return random.weighted([
    ['opus', 10],
    ['sonnet', 10],
    ['haiku', 3],
    ['fable', 1],
    ['unreleased', 0.5],
  ]);
}

/** A loop in a script that nobody watches: hundreds of requests in a night. */
function runaway(who: Person, day: string, midnightMs: number, random: Random): SessionPlan {
  return {
    ...{ who, day, random, sessionId: random.uuid(), version: versionOn(who, day), repository: who.repositories[0] },
    family: 'opus',
    starts: [midnightMs + 2 * HOUR_MS],
    requests: 600,
    kind: 'runaway',
    killed: true,
    interrupted: false,
  };
}

/** A short unattended review on the small model: what keeps the demo moving between people's own sessions. */
export function reviewSession(seed: string, everyone: readonly Person[], startMs: number): DemoSession | undefined {
  const random = new Random(seed, 'review', startMs);
  const who = everyone[Math.floor(random.next() * everyone.length)];
  if (who === undefined) return undefined;
  const day = dayOf(startMs);
  return playSession({
    ...{ who, day, random, sessionId: random.uuid(), version: versionOn(who, day), repository: who.repositories[0] },
    family: 'haiku',
    starts: [startMs],
    requests: random.whole(1, 3),
    kind: 'headless',
    killed: false,
    interrupted: false,
  });
}
