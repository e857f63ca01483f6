/**
 * Copies a ledger into another store while telemetry keeps arriving at the source: passes over what has changed, until nobody writes there any
 * more; then a last one, after which both are compared.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CalendarOptions } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { CopiedDims } from './copied-dims.ts';
import { CopiedSessions } from './copied-sessions.ts';
import { copySums } from './copied-sums.ts';
import { CopiedTables } from './copied-tables.ts';
import type { CopySource, CopyTarget } from './ends.ts';
import type { Say } from './progress.ts';
import { differences } from './verify.ts';

const BETWEEN_PASSES_MS = 5 * SECOND_MS;
/** Named; of the others it is said how many there are. */
const NAMED_MAX = 50;

export interface CopyOptions extends CalendarOptions {
  readonly say: Say;
  /** After each pass while a collector still writes at the source: how many parts had changed, and how long it took. */
  readonly onPass: (changed: number, tookMs: number) => Promise<void> | void;
  /** When nobody writes there any more, before the rest is copied. */
  readonly onLast?: () => void;
  /** For tests. */
  readonly betweenMs?: number;
}

export interface Copied {
  /** Sentences; none when both are the same ledger. */
  readonly differences: readonly string[];
  readonly differencesMore: number;
}

/** Rejects with a sentence. Broken off and done again, it goes on where it was. */
export async function copyLedger(source: CopySource, target: CopyTarget, options: CopyOptions): Promise<Copied> {
  const copy = new Copy(source, target, options);
  const { betweenMs = BETWEEN_PASSES_MS } = options;
  for (;;) {
    const copied = await source.unwritten(() => copy.finish());
    if (copied !== undefined) return copied;
    const begunMs = performance.now();
    const changed = await copy.pass();
    await options.onPass(changed, performance.now() - begunMs);
    await delay(betweenMs);
  }
}

class Copy {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #options: CopyOptions;
  readonly #dims: CopiedDims;
  readonly #sessions: CopiedSessions;
  readonly #tables: CopiedTables;

  constructor(source: CopySource, target: CopyTarget, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#dims = new CopiedDims(source, target);
    this.#sessions = new CopiedSessions(source, target, this.#dims, options.say);
    this.#tables = new CopiedTables(source, target, this.#dims);
  }

  /** All of one instant of the source. Answers how many parts had changed. */
  pass(): Promise<number> {
    return this.#source.instant(async () => {
      await this.#dims.copy();
      const sessions = await this.#sessions.copy();
      return sessions + (await copySums(this.#source, this.#target, this.#dims, this.#options.say)) + (await this.#tables.copy());
    });
  }

  /** While nobody writes to either. */
  async finish(): Promise<Copied> {
    const { say, timeZone, onLast } = this.#options;
    onLast?.();
    await this.pass();
    say('budgets, alerts, statements and directory');
    await this.#target.replaceBeside(this.#source.beside);
    say('coarser sums');
    await this.#target.complete();
    const found: string[] = [];
    let more = 0;
    await this.#source.instant(async () => {
      for await (const difference of differences({ source: this.#source, target: this.#target, timeZone, say })) {
        if (found.length < NAMED_MAX) found.push(difference);
        else more++;
      }
    });
    if (found.length === 0) await this.#target.release(say);
    return { differences: found, differencesMore: more };
  }
}
