/**
 * The directory as it is now: its files and what came over SCIM are looked at every second, and read again when they changed, in turns with everything
 * else that this thread does. A mistake keeps the directory as it was. What a record was booked on stays.
 */
import { statSync } from 'node:fs';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { SECOND_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { inTurns } from '../core/turn.ts';
import type { Directory } from '../directory/directory.ts';
import { directoryFrom, filesOf, readFeeds } from '../directory/load.ts';
import type { DirectoryReader } from '../directory/store.ts';

export interface LiveDirectory {
  readonly now: () => Directory;
  /** Looks at once: what came until now is seen. Never rejects. */
  look(): Promise<void>;
  /** Resolves when nobody looks any more. */
  close(): Promise<void>;
}

interface LiveOptions {
  readonly config: Config;
  /** Is closed by whoever opened it. */
  readonly store: DirectoryReader;
  /** Omitted where another thread logs the same. */
  readonly log?: Log | undefined;
  /** Files were read again. */
  readonly onNewFiles?: () => void;
  readonly lookMs?: number;
  /** Milliseconds that only grow. */
  readonly elapsedMs?: () => number;
}

const LOOK_MS = SECOND_MS;
/** Providers send one change after the other, for hours when they begin: of changes that follow on each other the last is waited for. */
const STILL_MS = 3 * SECOND_MS;
/** But no longer than this since the directory was read at last. */
const LATEST_MS = 30 * SECOND_MS;

/** Rejects with `invalid` where a file cannot be read at the start. */
export async function watchDirectory(options: LiveOptions): Promise<LiveDirectory> {
  const { config, store, log, onNewFiles, lookMs = LOOK_MS, elapsedMs = () => performance.now() } = options;
  // The revision before what it counts, here and below: what changes in between is read once more, and never missed.
  let revision = await store.revision();
  const pace = new Pace(revision, elapsedMs);
  let seen = stateOf(config);
  let read = seen;
  let feeds = readFeeds(config);
  let directory = await inTurns(directoryFrom(feeds, await store.stored(), config));
  pace.wasRead();
  const lookOnce = async (isAsked: boolean): Promise<void> => {
    const state = stateOf(config);
    // A file that is being written is left alone until the next look.
    const isSettled = state === seen;
    seen = state;
    const hasNewFiles = isSettled && state !== read;
    const current = await store.revision();
    const isDue = pace.isDue(current) || isAsked;
    if (!hasNewFiles && (current === revision || !isDue)) return;
    const stored = await store.stored();
    if (hasNewFiles) read = state;
    try {
      if (hasNewFiles) feeds = readFeeds(config);
      directory = await inTurns(directoryFrom(feeds, stored, config));
      revision = current;
      pace.wasRead();
      if (hasNewFiles) onNewFiles?.();
      log?.('directory_reloaded', 'The directory was read again.', { fields: { users: directory.names.people.length } });
    } catch (thrown) {
      log?.('directory_kept', 'The directory stays as it was: there is a mistake in what was read again.', { error: LedgerlineError.from(thrown) });
    }
  };
  let isAway = false;
  const lookSafely = async (isAsked: boolean): Promise<void> => {
    try {
      await lookOnce(isAsked);
      isAway = false;
    } catch (thrown) {
      // Once for each time that it is away.
      if (!isAway) log?.('directory_kept', 'The directory stays as it was: its store does not answer.', { error: LedgerlineError.from(thrown) });
      isAway = true;
    }
  };
  const { look, close } = inTurn(lookSafely, lookMs);
  return { now: () => directory, look, close };
}

/** When changes that follow on each other are read. */
class Pace {
  readonly #elapsedMs: () => number;
  #revision: number;
  #sinceMs = 0;
  #readMs = 0;

  constructor(revision: number, elapsedMs: () => number) {
    this.#revision = revision;
    this.#elapsedMs = elapsedMs;
  }

  wasRead(): void {
    this.#readMs = this.#elapsedMs();
  }

  /** Is asked at each look. */
  isDue(revision: number): boolean {
    const nowMs = this.#elapsedMs();
    if (revision !== this.#revision) this.#sinceMs = nowMs;
    this.#revision = revision;
    return nowMs - this.#sinceMs >= STILL_MS || nowMs - this.#readMs >= LATEST_MS;
  }
}

/** Regularly, and whenever it is asked for, one after the other. */
function inTurn(work: (isAsked: boolean) => Promise<void>, pauseMs: number): Pick<LiveDirectory, 'look' | 'close'> {
  let last: Promise<void> = Promise.resolve();
  let left = 0;
  const start = (isAsked: boolean): Promise<void> => {
    left++;
    last = last
      .then(() => work(isAsked))
      .finally(() => {
        left--;
      });
    return last;
  };
  const timer = setInterval(() => (left === 0 ? void start(false) : undefined), pauseMs).unref();
  return {
    look: () => start(true),
    close: () => {
      clearInterval(timer);
      return last;
    },
  };
}

const stateOf = (config: Config): string =>
  filesOf(config)
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return `${stat?.mtimeMs ?? 0}/${stat?.size ?? 0}/${stat?.ino ?? 0}`;
    })
    .join(' ');
