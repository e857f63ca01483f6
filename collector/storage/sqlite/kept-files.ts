/** Files beside an embedded ledger, for this user alone. */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import type { KeptFiles } from '../../core/kept-files.ts';

/** Nothing is made before something is kept. */
export const openKeptFiles = (folder: string): KeptFiles => new FolderFiles(folder);

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);

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

  placeOf(name: string): string {
    return join(this.#folder, name);
  }

  async close(): Promise<void> {
    // Nothing is held open.
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
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(draft, bytes, { mode: 0o600 });
    finish(draft, file);
  }
}
