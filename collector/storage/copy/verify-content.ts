/** Rows of a table at both ends, whatever their order: how many there are, and are they the same? */
import { hash } from 'node:crypto';
import { plainText } from './cells.ts';
import type { Cells } from './ends.ts';

export interface Content {
  readonly rows: number;
  readonly digest: bigint;
}

const DIGEST_BITS = 256;

export async function contentOf(pages: AsyncIterable<readonly Cells[]> | Iterable<readonly Cells[]>): Promise<Content> {
  let [rows, digest] = [0, 0n];
  for await (const page of pages) {
    for (const row of page) {
      rows++;
      // Added up: of two rows that are the same, neither hides the other.
      digest = BigInt.asUintN(DIGEST_BITS, digest + BigInt(`0x${hash('sha256', plainText(row))}`));
    }
  }
  return { rows, digest };
}

export function* contentDifference(table: string, was: Content, is: Content): Generator<string, void> {
  if (was.rows !== is.rows) yield `${table}: ${was.rows} rows at the source, ${is.rows} in the copy.`;
  else if (was.digest !== is.digest) yield `${table}: ${was.rows} rows in both, and not the same.`;
}
