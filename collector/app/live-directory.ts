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
  /** Looks at once. */
  look(): void;
  close(): void;
}

interface LiveOptions {
  readonly config: Config;
  /** Is closed by whoever opened it. */
  readonly store: DirectoryReader;
  /** Omitted where another thread logs the same. */
  readonly log?: Log | undefined;
  readonly lookMs?: number;
}

const LOOK_MS = SECOND_MS;

/** Throws `invalid` where a file cannot be read at the start. */
export function watchDirectory({ config, store, log, lookMs = LOOK_MS }: LiveOptions): LiveDirectory {
  let revision = store.revision();
  let seen = stateOf(config);
  let read = seen;
  let feeds = readFeeds(config);
  let directory = directoryFrom(feeds, store.stored(), config);
  const look = (): void => {
    const state = stateOf(config);
    // A file that is being written is left alone until the next look.
    const isSettled = state === seen;
    seen = state;
    const hasNewFiles = isSettled && state !== read;
    const current = store.revision();
    if (!hasNewFiles && current === revision) return;
    if (hasNewFiles) read = state;
    try {
      if (hasNewFiles) feeds = readFeeds(config);
      directory = directoryFrom(feeds, store.stored(), config);
      revision = current;
      log?.('directory_reloaded', 'The directory was read again.', { fields: { users: directory.names.people.length } });
    } catch (thrown) {
      log?.('directory_kept', 'The directory stays as it was: there is a mistake in what was read again.', { error: LedgerlineError.from(thrown) });
    }
  };
  const timer = setInterval(look, lookMs).unref();
  return { now: () => directory, look, close: () => clearInterval(timer) };
}

const stateOf = (config: Config): string =>
  filesOf(config)
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return `${stat?.mtimeMs ?? 0}/${stat?.size ?? 0}/${stat?.ino ?? 0}`;
    })
    .join(' ');
