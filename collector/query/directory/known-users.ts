/** Users of the ledger beside those of the directory: which of its names a stored user is. */
import type { Config } from '../../config/config.ts';
import type { Directory } from '../../directory/directory.ts';
import { anyCase } from '../../directory/names.ts';
import { storedName, userNames } from '../asked-user.ts';

export class KnownUsers {
  readonly directory: Directory;
  readonly #typed = new Map<string, string>();
  readonly #stored: (name: string) => string;

  constructor(directory: Directory, config: Config) {
    this.directory = directory;
    this.#stored = (name) => anyCase(storedName(name, userNames(config)));
    for (const { users } of directory.feeds) {
      for (const { user, aliases } of users)
        for (const name of [user, ...aliases.map((alias) => alias.name)]) this.#typed.set(this.#stored(name), name);
    }
  }

  /** The name that the directory has for a stored user; the stored user itself, where it is no name of it. */
  nameOf(stored: string): string {
    return this.#typed.get(anyCase(stored)) ?? stored;
  }

  isKnown(stored: string): boolean {
    return this.#typed.has(anyCase(stored));
  }

  /** How the ledger stores a user of the directory, in lower case. */
  storedOf = (name: string): string => this.#stored(name);

  /** Every user of the directory that is one at this time, once. */
  usersAt(timeMs: number): readonly string[] {
    const users = new Map<string, string>();
    for (const feed of this.directory.feeds) {
      for (const { user } of feed.users) {
        const canonical = this.directory.canonical(user, timeMs);
        if (!users.has(anyCase(canonical))) users.set(anyCase(canonical), canonical);
      }
    }
    return [...users.values()].toSorted((one, other) => (anyCase(one) < anyCase(other) ? -1 : 1));
  }
}
