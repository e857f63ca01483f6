/**
 * One collector and its good clients, and the attacks on it one after the other: what each did to the good clients, to memory and to the
 * process; and at the end, whether the ledger is what was acknowledged.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ROUTES, SELF_SERIES } from '../../../collector/catalog/names.ts';
import type { Attack, Tokens } from './attack.ts';
import type { FromAttackers, ToAttackers } from './attackers.ts';
import { Child } from './child.ts';
import type { Figures, FromGood, Settled, ToGood } from './good-clients.ts';
import { Victim } from './victim.ts';
import { send } from './wire.ts';

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
  /** How many mutated exports; undefined for what the list of attacks has. */
  readonly fuzz?: number | undefined;
  /** Folder for CPU profiles of the collector. */
  readonly profile?: string | undefined;
}

/** A tiny attack is over when exports are answered at all. */
const CALM_MS = 100;
/** Of the length of an attack, but no longer than half a second: what is counted after its end, as it may go on hurting, and each look for calm. */
const LOOK_SHARE = 500;
const LOOK_MOST_MS = 500;
const CALM_WITHIN_SECONDS = 60;
const PEAK_EVERY_MS = 100;
const OWN_FAULTS = new RegExp(`^${SELF_SERIES.refusedRequests}\\w*{[^}]*outcome="(?:internal|poison)"[^}]*} (\\d+)`, 'gm');

export class Battle {
  readonly #options: BattleOptions;
  readonly #victim: Victim;
  readonly #good = new Child<ToGood, FromGood>('./good-clients.ts');
  readonly #attackers = new Child<ToAttackers, FromAttackers>('./attackers.ts');
  readonly #lookMs: number;
  #lastWords = '';

  constructor(options: BattleOptions) {
    this.#options = options;
    this.#lookMs = Math.min(LOOK_MOST_MS, options.seconds * LOOK_SHARE);
    this.#victim = new Victim(options.config, options.profile);
  }

  async start(): Promise<void> {
    await this.#victim.start();
    await this.#meet();
    await this.#calm();
  }

  /** The same as a round, without an attack. */
  async peace(): Promise<Round> {
    return this.#measure('none', 'the good clients alone', async () => {
      await delay(this.#options.seconds * 1000);
      return { seen: '', faults: 0 };
    });
  }

  async round(attack: Attack): Promise<Round> {
    await this.#attack(attack, 'prepare');
    if (attack.prepare !== undefined) await this.#calm();
    const run = () => this.#attack(attack, 'run');
    const afterwards = () => this.#attack(attack, 'afterwards');
    return this.#measure(attack.name, attack.what, run, afterwards);
  }

  async #measure(name: string, what: string, run: () => Promise<FromAttackers>, afterwards = run): Promise<Round> {
    const faultsBefore = await this.#ownFaults();
    const peak = this.#watchPeak();
    await this.#good.ask('begin');
    let seen = await run();
    await delay(this.#lookMs);
    const figures = await this.#figures();
    const calmSeconds = await this.#calm();
    const peakBytes = peak.stop();
    const endedEarly = await this.#startAgain();
    if (afterwards !== run) seen = await afterwards();
    const ownFaults = Math.max(0, (await this.#ownFaults()) - faultsBefore);
    const rest = await this.#victim.memory().catch(() => undefined);
    // A collector may also end of what it still has to do when the attack is over.
    const endedAs = endedEarly ?? (await this.#startAgain());
    const memory = { peakBytes, restBytes: rest?.rssBytes, heapBytes: rest?.heapBytes };
    return { name, what, figures, ...memory, calmSeconds, endedAs, seen: seen.seen, faults: seen.faults + ownFaults };
  }

  async #attack({ name, leastSeconds = 0 }: Attack, step: ToAttackers['step']): Promise<FromAttackers> {
    const { tokens, share, ca, fuzz } = this.#options;
    const seconds = Math.max(this.#options.seconds, share < 1 ? 0 : leastSeconds);
    const { ports, pid } = this.#victim;
    const seen = await this.#attackers.ask({ name, step, where: { ports, tokens, pid, seconds, share, ca }, fuzz });
    if (seen.failed !== undefined) throw new Error(`${name}, ${step}: ${seen.failed}`);
    return seen;
  }

  /** Looks often, as a process that ended says nothing any more. */
  #watchPeak(): { stop(): number | undefined } {
    this.#victim.forgetPeak();
    let bytes: number | undefined;
    const look = (): void => {
      bytes = this.#victim.peakBytes ?? bytes;
    };
    const timer = setInterval(look, PEAK_EVERY_MS);
    return {
      stop: () => {
        clearInterval(timer);
        look();
        return bytes;
      },
    };
  }

  /** Exports that the collector itself failed on, since it started: they are answered 503, as those that a limit keeps out. */
  async #ownFaults(): Promise<number> {
    const { tokens, ca } = this.#options;
    const headers = { authorization: `Bearer ${tokens.reader}` };
    const { text } = await send({ port: this.#victim.ports.metrics, path: ROUTES.exposition, headers, ca });
    return [...text.matchAll(OWN_FAULTS)].reduce((sum, [, count]) => sum + Number(count), 0);
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
    this.#attackers.kill('SIGTERM');
    const endedAs = await this.#victim.stop();
    if (typeof answer === 'string' || !('settled' in answer)) throw new Error('The good clients spoke out of turn.');
    const { acknowledged, differences } = answer.settled;
    return { acknowledged, differences: endedAs === '0' ? differences : [...differences, `The collector stopped with ${endedAs}.`] };
  }

  /** The end of the log of the process that ended last. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Where it ended. Resolves to how; undefined while it runs. */
  async #startAgain(): Promise<string | undefined> {
    const endedAs = await this.#victim.endedAs();
    if (endedAs === undefined) return undefined;
    this.#lastWords = this.#victim.said;
    await this.#good.ask('part');
    await this.#victim.start();
    await this.#meet();
    await this.#calm();
    return endedAs;
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
      await delay(this.#lookMs);
      if (this.#victim.isOver) return seconds();
      const { exports, health, failed, unhealthy } = await this.#figures();
      const isCalm = exports.count > 0 && failed + unhealthy === 0 && (this.#options.share < 1 || Math.max(exports.maxMs, health.maxMs) < CALM_MS);
      if (isCalm) return Math.max(0, seconds() - this.#lookMs / 1000);
      if (seconds() > CALM_WITHIN_SECONDS) return seconds();
    }
  }
}
