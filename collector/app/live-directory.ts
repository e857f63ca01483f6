/**
 * The directory as it is now: its files and what came over SCIM are looked at every second, and read again when they changed. A mistake keeps the
 * directory as it was. What a record was booked on stays.
 */
import { statSync } from 'node:fs';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { SECOND_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
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
}

const LOOK_MS = SECOND_MS;

/** Rejects with `invalid` where a file cannot be read at the start. */
export async function watchDirectory({ config, store, log, onNewFiles, lookMs = LOOK_MS }: LiveOptions): Promise<LiveDirectory> {
  // The revision before what it counts, here and below: what changes in between is read once more, and never missed.
  let revision = await store.revision();
  let seen = stateOf(config);
  let read = seen;
  let feeds = readFeeds(config);
  let directory = directoryFrom(feeds, await store.stored(), config);
  const lookOnce = async (): Promise<void> => {
    const state = stateOf(config);
    // A file that is being written is left alone until the next look.
    const isSettled = state === seen;
    seen = state;
    const hasNewFiles = isSettled && state !== read;
    const current = await store.revision();
    if (!hasNewFiles && current === revision) return;
    const stored = await store.stored();
    if (hasNewFiles) read = state;
    try {
      if (hasNewFiles) feeds = readFeeds(config);
      directory = directoryFrom(feeds, stored, config);
      revision = current;
      if (hasNewFiles) onNewFiles?.();
      log?.('directory_reloaded', 'The directory was read again.', { fields: { users: directory.names.people.length } });
    } catch (thrown) {
      log?.('directory_kept', 'The directory stays as it was: there is a mistake in what was read again.', { error: LedgerlineError.from(thrown) });
    }
  };
  let isAway = false;
  const lookSafely = async (): Promise<void> => {
    try {
      await lookOnce();
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

/** Regularly, and whenever it is asked for, one after the other. */
function inTurn(work: () => Promise<void>, pauseMs: number): Pick<LiveDirectory, 'look' | 'close'> {
  let last: Promise<void> = Promise.resolve();
  let left = 0;
  const look = (): Promise<void> => {
    left++;
    last = last.then(work).finally(() => {
      left--;
    });
    return last;
  };
  const timer = setInterval(() => (left === 0 ? void look() : undefined), pauseMs).unref();
  return {
    look,
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
