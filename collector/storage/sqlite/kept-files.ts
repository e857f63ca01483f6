/** Files beside an embedded ledger, for this user alone. */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import type { KeptFiles } from '../../core/kept-files.ts';

/** Nothing is made before something is kept. */
export const openKeptFiles = (folder: string): KeptFiles => new FolderFiles(folder);

class FolderFiles implements KeptFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.#read(name);
  }

  async once(name: string, make: () => Uint8Array): Promise<Uint8Array> {
    const known = this.#read(name);
    if (known !== undefined) return known;
    // Whole under its name, or not at all, and only where nobody was faster.
    this.#put(name, make(), (draft, file) => {
      try {
        linkSync(draft, file);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      } finally {
        rmSync(draft);
      }
    });
    const kept = this.#read(name);
    if (kept === undefined) throw new LedgerlineError('unavailable', `${this.placeOf(name)} is gone again.`, { hint: 'Try again.' });
    return kept;
  }

  /** Of a folder there is one collector; a command that changes a file beside it changes what nobody else does. */
  async change(name: string, change: (before: Uint8Array | undefined) => Uint8Array | undefined): Promise<void> {
    const after = change(this.#read(name));
    if (after !== undefined) this.#put(name, after, renameSync);
  }

  async all(prefix: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = this.#names(prefix).map((name) => [name, this.#read(name)] as const);
    return new Map(found.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])));
  }

  async removeBefore(prefix: string, changedMs: number): Promise<void> {
    for (const name of this.#names(prefix)) {
      const stats = statSync(this.placeOf(name), { throwIfNoEntry: false });
      if (stats !== undefined && stats.mtimeMs < changedMs) rmSync(this.placeOf(name), { force: true });
    }
  }

  placeOf(name: string): string {
    return join(this.#folder, name);
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #names(prefix: string): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    const files = readdirSync(this.#folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files
      .map(({ parentPath, name }) => relative(this.#folder, join(parentPath, name)))
      .filter((name) => name.startsWith(prefix))
      .sort();
  }

  #read(name: string): Uint8Array | undefined {
    const file = this.placeOf(name);
    try {
      return readFileSync(file);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw new LedgerlineError('invalid', `${file} cannot be read.`, { cause, hint: 'Check the permissions of the file.' });
    }
  }

  #put(name: string, bytes: Uint8Array, finish: (draft: string, file: string) => void): void {
    const file = this.placeOf(name);
    const draft = `${file}.${randomUUID()}`;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, bytes, { mode: 0o600 });
    finish(draft, file);
  }
}
