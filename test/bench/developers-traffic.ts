/** The exports of developers at their busiest hour, in the order of time: so many are in a turn at once, and others begin one as these end. */
import { modelOn } from '../../collector/demo/models.ts';
import { organization, type Person } from '../../collector/demo/people.ts';
import { ClientProcess } from '../../collector/demo/process.ts';
import { Random } from '../../collector/demo/random.ts';
import type { DemoExport } from '../../collector/demo/wire.ts';
import { demandOf, HABITS, type Habits } from './developers-model.ts';

const VERSION = '2.1.329';
const TEAM_OF = 12;
/** How many developers take turns, of those that are in one at once: the rest of the organization would do the same. */
const POOL = 2;

interface Session {
  readonly who: Person;
  readonly process: ClientProcess;
  /** Where its metrics' clock stands, in ms after each full interval. */
  readonly phaseMs: number;
}

export class Traffic {
  readonly #habits: Habits;
  readonly #random: Random;
  readonly #sessions: Session[];
  readonly #turnMs: number;
  #waiting: DemoExport[] = [];
  #nextMs: number;
  #turns = 0;

  constructor(developers: number, startMs: number, habits: Habits = HABITS) {
    this.#habits = habits;
    this.#random = new Random('developers', startMs);
    const { inTurnAtOnce, turnsASecond } = demandOf(developers, habits);
    const pool = Math.min(developers, Math.ceil(inTurnAtOnce * POOL));
    this.#sessions = organization('developers', pool).map((who) => this.#begin(inTeam(who), startMs));
    this.#turnMs = 1000 / turnsASecond;
    this.#nextMs = startMs;
    for (let index = 0; index < Math.min(inTurnAtOnce, pool); index++) this.#joinTurn(startMs);
  }

  /** One export of events and one of metrics from each developer: after them the ledger knows everybody's session and dimensions. */
  introductions(): DemoExport[] {
    return this.#sessions.flatMap((session) => {
      const { process } = session;
      const timeMs = this.#nextMs - 1000;
      this.#request(session, timeMs, true);
      process.exportLogs(timeMs);
      process.exportMetrics(timeMs);
      return process.exports.splice(0);
    });
  }

  take(count: number): DemoExport[] {
    const isReady = (sent: DemoExport): boolean => sent.timeMs <= this.#nextMs;
    while (this.#waiting.filter(isReady).length < count) {
      for (let turn = 0; turn < 100; turn++) this.#beginTurn();
    }
    this.#waiting.sort((a, b) => a.timeMs - b.timeMs);
    return this.#waiting.splice(0, count);
  }

  #begin(who: Person, startMs: number): Session {
    const random = this.#random;
    const process = new ClientProcess({
      ...{ who, sessionId: random.uuid(), version: VERSION, repository: random.pick(who.repositories), terminal: who.terminal },
      ...{ entrypoint: who.entrypoint, startMs, startType: 'fresh', random, reported: new Map() },
    });
    const start = ['managed_settings_resolved', ...Array.from({ length: this.#habits.eventsAStart - 1 }, () => 'plugin_loaded')];
    for (const name of start) process.event(name, startMs, []);
    return { who, process, phaseMs: random.next() * this.#habits.metricsSeconds * 1000 };
  }

  /** One that began before the traffic does: any number of its requests are left. */
  #joinTurn(startMs: number): void {
    const { requestsATurn, requestSeconds } = this.#habits;
    this.#play(startMs + this.#random.next() * requestSeconds * 1000, this.#random.whole(1, requestsATurn));
  }

  #beginTurn(): void {
    this.#nextMs -= Math.log(1 - this.#random.next()) * this.#turnMs;
    this.#play(this.#nextMs, this.#habits.requestsATurn);
  }

  #play(startMs: number, requests: number): void {
    const at = this.#turns++ % this.#sessions.length;
    const known = this.#sessions[at];
    if (known === undefined) throw new Error('There are no developers.');
    const session = this.#random.chance(1 / this.#habits.turnsASession) ? this.#begin(known.who, startMs) : known;
    this.#sessions[at] = session;
    this.#waiting.push(...this.turn(session, Math.round(startMs), requests));
  }

  /** Prompt, requests with their tools, answer; events leave some seconds after each, metrics by their own clock. */
  turn(session: Session, startMs: number, requests: number): DemoExport[] {
    const { process, phaseMs } = session;
    const [requestMs, eventsMs, metricsMs] = [this.#habits.requestSeconds, this.#habits.eventsSeconds, this.#habits.metricsSeconds].map(
      (seconds) => seconds * 1000,
    ) as [number, number, number];
    const endMs = startMs + requests * requestMs;
    let metricsAtMs = Math.ceil((startMs - phaseMs) / metricsMs) * metricsMs + phaseMs;
    process.prompt(startMs, this.#random.around(180, 1));
    process.count('active_time.total', startMs, this.#random.whole(5, 60), [['type', 'user']]);
    process.exportLogs(startMs + eventsMs);
    for (let timeMs = startMs + requestMs; timeMs <= endMs; timeMs += requestMs) {
      for (; metricsAtMs < timeMs; metricsAtMs += metricsMs) process.exportMetrics(Math.round(metricsAtMs));
      this.#request(session, timeMs, timeMs === endMs);
      process.exportLogs(timeMs + eventsMs);
    }
    process.exportMetrics(Math.round(metricsAtMs));
    return process.exports.splice(0);
  }

  #request({ who, process }: Session, timeMs: number, isLast: boolean): void {
    const random = this.#random;
    const { model, rates } = modelOn(who.family, '2026-11-20');
    const size = { input: random.whole(3, 400), output: random.around(600, 0.8), read: random.whole(20_000, 150_000), write5m: 3_000, write1h: 0 };
    const durationMs = 1_200 + size.output * 8;
    process.request(timeMs, { model, rates, size, source: 'main', sourceDetail: 'repl_main_thread', agent: '', durationMs });
    process.count('active_time.total', timeMs, this.#habits.requestSeconds, [['type', 'cli']]);
    const tool = random.pick(['Bash', 'Read', 'Edit', 'Grep']);
    const id = ['tool_use_id', `toolu_01${random.base62(22)}`] as const;
    process.event('tool_decision', timeMs, [['tool_name', tool], id, ['decision', 'accept'], ['source', 'config']]);
    process.event('tool_result', timeMs + random.whole(50, 3_000), [['tool_name', tool], id, ['success', 'true'], ['duration_ms', '420']]);
    if (tool === 'Edit') process.count('lines_of_code.count', timeMs, random.around(22, 0.9), [['type', 'added']]);
    if (isLast) process.event('assistant_response', timeMs, [['response_length', String(size.output * 4)]]);
  }
}

function inTeam(who: Person): Person {
  return { ...who, team: `team-${Math.floor(who.index / TEAM_OF)}`, temporality: 'delta', pinnedVersion: '' };
}
