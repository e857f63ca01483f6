/** Whether a ledger's file was written by a former version, so that opening it takes as long as the file is large. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SCHEMA_VERSION, userVersion } from './schema.ts';

/** What a start has before it. */
export interface Conversion {
  /** Of the file, bytes. Converting it takes twice as much beside it. */
  readonly bytes: number;
  /** Versions of the schema. */
  readonly from: number;
  readonly to: number;
}

/** Undefined where there is nothing to convert. Whether a file can be used at all is said by who opens it. */
export function conversionOf(file: string): Conversion | undefined {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0) return undefined;
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const from = userVersion(database);
    return from > 0 && from < SCHEMA_VERSION ? { bytes, from, to: SCHEMA_VERSION } : undefined;
  } catch {
    return undefined;
  }
}
