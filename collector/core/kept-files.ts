/** Small files that all collectors and commands of one ledger share: keys, and what was learnt. Each is read and written as a whole. */
export interface KeptFiles {
  /** Undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Where there is none, what `make` makes is kept: of several that come at once, the first one's. Resolves to what is kept. */
  once(name: string, make: () => Uint8Array): Promise<Uint8Array>;
  /** Nobody else changes it meanwhile. `change` may run again. Undefined: it stays as it is. */
  change(name: string, change: (before: Uint8Array | undefined) => Uint8Array | undefined): Promise<void>;
  /** Those with names that begin so, by name. */
  all(prefix: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Of these, those that nobody has changed since. */
  removeBefore(prefix: string, changedMs: number): Promise<void>;
  /** Where it lies, for people. */
  placeOf(name: string): string;
  close(): Promise<void>;
}
