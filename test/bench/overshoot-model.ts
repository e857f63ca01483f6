/**
 * How far spend runs past a hard limit before the guard has stopped everybody: sessions that send requests, clients that export them at
 * their intervals, a collector that reads what budgets have spent at its own, and hooks that keep an answer for a time.
 */
import { Random } from '../support/random.ts';

export interface Setting {
  /** Of the client: OTEL_METRIC_EXPORT_INTERVAL and OTEL_LOGS_EXPORT_INTERVAL, in seconds. Undefined: that exporter is off. */
  readonly metrics: number | undefined;
  readonly events: number | undefined;
  /** From one reading of the spend of budgets to the next (BudgetWatch), in seconds. */
  readonly watch: number;
  /** How long a hook may keep an answer: within the budget, and from 80 % of it (collector/guard/fresh.ts). */
  readonly fresh: { readonly usual: number; readonly near: number };
  /** How long it serves beyond that, while a new one is fetched (GRACE_SECONDS of guard.sh). */
  readonly grace: number;
}

/** From the client's export until it is committed, and from a question to its answer, in seconds. */
const DELIVERY = 0.05;
const ANSWER = 0.03;
const NEAR = 0.8;
/** USD that each session may spend of the limit, and within which they all begin, in seconds. */
const LIMIT_PER_SESSION = 2;
const START_WITHIN = 60;

/** Medians and 95th percentiles of log-normal distributions, and means of exponential ones: USD and seconds. */
export const LOAD = {
  cost: { median: 0.03, p95: 0.3 },
  duration: { median: 8, p95: 40 },
  toolsMean: 3,
  requestsPerTurn: 8,
  thinkingMean: 60,
} as const;

interface Kept {
  readonly stops: boolean;
  readonly at: number;
  readonly fresh: number;
}

interface Session {
  /** When its next hook runs, in seconds; infinite once it is stopped. */
  hookAt: number;
  /** The request that was sent last: its end, and its cost until the next hook adds it to the others. */
  endAt: number;
  cost: number;
  spent: number;
  /** Of it, what has been committed from events and from metrics. */
  sentByEvents: number;
  sentByMetrics: number;
  eventsAt: number;
  metricsAt: number;
  kept: Kept | undefined;
}

/** USD beyond the limit once every session is stopped. */
export function overshoot(sessions: number, setting: Setting, seed: number): number {
  return new Run(sessions, setting, new Random(seed)).toTheEnd();
}

class Run {
  readonly #setting: Setting;
  readonly #random: Random;
  readonly #sessions: Session[];
  readonly #limit: number;
  #booked = 0;
  /** What the collector has read last, and when it reads again. */
  #ready = 0;
  #readAt: number;

  constructor(count: number, setting: Setting, random: Random) {
    this.#setting = setting;
    this.#random = random;
    this.#limit = count * LIMIT_PER_SESSION;
    this.#readAt = random.next() * setting.watch;
    this.#sessions = Array.from({ length: count }, () => {
      const startAt = random.next() * START_WITHIN;
      const metricsAt = setting.metrics === undefined ? Infinity : startAt + setting.metrics;
      const nothing = { cost: 0, spent: 0, sentByEvents: 0, sentByMetrics: 0, kept: undefined };
      return { ...nothing, hookAt: startAt, endAt: startAt, eventsAt: Infinity, metricsAt };
    });
  }

  toTheEnd(): number {
    for (;;) {
      const next = this.#next();
      if (next === undefined) return this.#sessions.reduce((sum, { spent }) => sum + spent, -this.#limit);
      const { session, at, what } = next;
      this.#readUntil(at);
      if (what === 'hook') this.#hook(session, at);
      else this.#export(session, at, what);
    }
  }

  /** What happens next. Undefined: everybody is stopped. */
  #next(): { session: Session; at: number; what: 'hook' | 'events' | 'metrics' } | undefined {
    let [at, what, found, running]: [number, 'hook' | 'events' | 'metrics', Session | undefined, boolean] = [Infinity, 'hook', undefined, false];
    for (const session of this.#sessions) {
      running ||= session.hookAt < Infinity;
      if (session.hookAt < at) [at, what, found] = [session.hookAt, 'hook', session];
      if (session.eventsAt < at) [at, what, found] = [session.eventsAt, 'events', session];
      if (session.metricsAt < at) [at, what, found] = [session.metricsAt, 'metrics', session];
    }
    return running && found !== undefined ? { session: found, at, what } : undefined;
  }

  #readUntil(at: number): void {
    if (this.#setting.watch === 0) this.#ready = this.#booked;
    else if (this.#readAt <= at) {
      this.#ready = this.#booked;
      this.#readAt += Math.ceil((at - this.#readAt) / this.#setting.watch + Number.EPSILON) * this.#setting.watch;
    }
  }

  #export(session: Session, at: number, what: 'events' | 'metrics'): void {
    const before = Math.max(session.sentByEvents, session.sentByMetrics);
    const hasEnded = session.endAt <= at;
    const known = session.spent + (hasEnded ? session.cost : 0);
    if (what === 'events') {
      session.sentByEvents = known;
      session.eventsAt = hasEnded ? Infinity : this.#eventsAfter(session.endAt);
    } else {
      session.sentByMetrics = known;
      // Exports until the next request has ended bring nothing new.
      const interval = this.#setting.metrics ?? Infinity;
      session.metricsAt = at + Math.max(1, Math.ceil(((hasEnded ? session.hookAt : session.endAt) - at) / interval)) * interval;
    }
    this.#booked += Math.max(session.sentByEvents, session.sentByMetrics) - before;
  }

  /** The exporter waits from the first event that it has. */
  #eventsAfter(at: number): number {
    return at + (this.#setting.events ?? Infinity) + DELIVERY;
  }

  /** Stops the session, or lets it send its next request, which has ended at its next hook. */
  #hook(session: Session, at: number): void {
    session.spent += session.cost;
    session.cost = 0;
    if (this.#answer(session, at)) {
      session.hookAt = Infinity;
      return;
    }
    session.endAt = at + this.#logNormal(LOAD.duration);
    session.cost = this.#logNormal(LOAD.cost);
    if (session.eventsAt === Infinity) session.eventsAt = this.#eventsAfter(session.endAt);
    const isTurnOver = this.#random.chance(1 / LOAD.requestsPerTurn);
    session.hookAt = session.endAt + this.#exponential(isTurnOver ? LOAD.thinkingMean : LOAD.toolsMean);
  }

  /** Whether the hook stops, as guard.sh decides it. */
  #answer(session: Session, at: number): boolean {
    const { kept } = session;
    const age = kept === undefined ? Infinity : at - kept.at;
    if (kept !== undefined && age < kept.fresh) return kept.stops;
    const asked = this.#ask(at);
    session.kept = asked;
    // Fetched in the background: what was kept serves once more.
    if (kept !== undefined && !kept.stops && age < kept.fresh + this.#setting.grace) return false;
    return asked.stops;
  }

  #ask(at: number): Kept {
    const { usual, near } = this.#setting.fresh;
    return { stops: this.#ready >= this.#limit, at: at + ANSWER, fresh: this.#ready >= NEAR * this.#limit ? near : usual };
  }

  #logNormal({ median, p95 }: { readonly median: number; readonly p95: number }): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#random.next())) * Math.cos(2 * Math.PI * this.#random.next());
    return median * Math.exp((normal * Math.log(p95 / median)) / 1.6449);
  }

  #exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random.next());
  }
}
