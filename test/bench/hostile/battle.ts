/**
 * One collector and its good clients, and the attacks on it one after the other: what each did to the good clients, to memory and to the
 * process; and at the end, whether the ledger is what was acknowledged.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Arena, type Attack, type Tokens } from './attack.ts';
import { Child } from './child.ts';
import type { Figures, FromGood, Settled, ToGood } from './good-clients.ts';
import { Victim } from './victim.ts';
import { errorCode } from './wire.ts';

export interface Round {
  readonly name: string;
  readonly what: string;
  readonly figures: Figures;
  /** Undefined where the system does not say, and when the process is gone. */
  readonly peakBytes: number | undefined;
  /** After the garbage was collected. */
  readonly restBytes: number | undefined;
  readonly heapBytes: number | undefined;
  /** Until the good clients were served as ever. */
  readonly calmSeconds: number;
  /** How the process ended; undefined when it did not. */
  readonly endedAs: string | undefined;
  /** What the attacker saw. */
  readonly seen: string;
  /** Answers that say that the collector itself failed. */
  readonly faults: number;
}

export interface BattleOptions {
  readonly config: object;
  readonly tokens: Tokens;
  readonly ca?: Buffer | undefined;
  readonly seconds: number;
  readonly share: number;
}

/** An attack that does not come back is left alone after this long. */
const GRACE_SECONDS = 30;
const CALM_MS = 100;
const LOOK_MS = 500;
const CALM_WITHIN_SECONDS = 60;
/** What is counted after the end of an attack: it may go on hurting. */
const AFTERMATH_MS = 500;

export class Battle {
  readonly #options: BattleOptions;
  readonly #victim: Victim;
  readonly #good = new Child<ToGood, FromGood>('./good-clients.ts');

  constructor(options: BattleOptions) {
    this.#options = options;
    this.#victim = new Victim(options.config);
  }

  async start(): Promise<void> {
    await this.#victim.start();
    await this.#meet();
    await this.#calm();
  }

  /** The same as a round, without an attack. */
  async peace(): Promise<Round> {
    return this.round({ name: 'none', what: 'the good clients alone', run: (arena) => arena.over });
  }

  async round(attack: Attack): Promise<Round> {
    const { seconds } = this.#options;
    const span = Math.max(seconds, this.#options.share < 1 ? 0 : (attack.leastSeconds ?? 0));
    const before = this.#arena(span, new AbortController().signal);
    await attack.prepare?.(before);
    if (attack.prepare !== undefined) await this.#calm();
    this.#victim.forgetPeak();
    await this.#good.ask('begin');
    const arena = this.#arena(span, timeUp(span));
    await Promise.race([
      attack.run(arena).catch((error: unknown) => arena.tally.note(errorCode(error))),
      this.#victim.ended,
      delay((span + GRACE_SECONDS) * 1000, undefined, { ref: false }),
    ]);
    await delay(AFTERMATH_MS);
    const figures = await this.#figures();
    const peakBytes = this.#victim.peakBytes;
    const calmSeconds = await this.#calm();
    // A collector may also end of what it still has to do when the attack is over.
    const endedAs = await this.#victim.endedAs();
    if (endedAs !== undefined) await this.#again();
    await attack.afterwards?.(this.#arena(span, new AbortController().signal, arena.tally));
    const rest = await this.#victim.memory();
    const { name, what } = attack;
    const seen = { seen: arena.tally.text, faults: arena.tally.faults };
    return { name, what, figures, peakBytes, restBytes: rest.rssBytes, heapBytes: rest.heapBytes, calmSeconds, endedAs, ...seen };
  }

  /** A fresh process on the same ledger, so that what one attack left in memory does not count for the next. */
  async renew(): Promise<void> {
    await this.#good.ask('part');
    await this.#victim.stop();
    await this.#victim.start();
    await this.#meet();
    await this.#calm();
  }

  /** Sends again what nobody knows about, compares every session with what was acknowledged, and stops. */
  async settle(): Promise<Settled> {
    await this.#good.ask('part');
    const answer = await this.#good.ask('settle');
    this.#good.kill('SIGTERM');
    const endedAs = await this.#victim.stop();
    if (typeof answer === 'string' || !('settled' in answer)) throw new Error('The good clients spoke out of turn.');
    const { acknowledged, differences } = answer.settled;
    return { acknowledged, differences: endedAs === '0' ? differences : [...differences, `The collector stopped with ${endedAs}.`] };
  }

  get log(): string {
    return this.#victim.said;
  }

  async #again(): Promise<void> {
    await this.#good.ask('part');
    await this.#victim.start();
    await this.#meet();
    await this.#calm();
  }

  async #meet(): Promise<void> {
    const { tokens, ca } = this.#options;
    await this.#good.ask({ meet: { ports: this.#victim.ports, tokens: { send: tokens.good, read: tokens.reader }, ca } });
  }

  async #figures(): Promise<Figures> {
    const answer = await this.#good.ask('end');
    if (typeof answer === 'string' || !('figures' in answer)) throw new Error('The good clients spoke out of turn.');
    return answer.figures;
  }

  /** Resolves to the seconds it took. */
  async #calm(): Promise<number> {
    const startedMs = performance.now();
    const seconds = (): number => (performance.now() - startedMs) / 1000;
    for (;;) {
      await this.#good.ask('begin');
      await delay(LOOK_MS);
      if (this.#victim.isOver) return seconds();
      const { exports, health, failed, unhealthy } = await this.#figures();
      const isCalm = exports.count > 0 && failed + unhealthy === 0 && Math.max(exports.maxMs, health.maxMs) < CALM_MS;
      if (isCalm) return Math.max(0, seconds() - LOOK_MS / 1000);
      if (seconds() > CALM_WITHIN_SECONDS) return seconds();
    }
  }

  #arena(seconds: number, signal: AbortSignal, tally?: Arena['tally']): Arena {
    const { tokens, share, ca } = this.#options;
    const { ports, pid } = this.#victim;
    setMaxListeners(0, signal);
    return new Arena({ ports, tokens, pid, seconds, share, signal, ca, ...(tally !== undefined && { tally }) });
  }
}

const timeUp = (seconds: number): AbortSignal => AbortSignal.timeout(seconds * 1000);
