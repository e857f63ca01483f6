/** Budgets, alerts, statements, the directory and small files of both: are they the same rows? */
import { hash } from 'node:crypto';
import { KEPT_FILES } from '../../config/data-folder.ts';
import { BESIDE, isOwn } from './beside-tables.ts';
import { plainText } from './cells.ts';
import type { BesideLedger } from './ends.ts';

/** A sentence for each table or file that is another. */
export async function* differencesBeside(from: BesideLedger, to: BesideLedger): AsyncGenerator<string, void> {
  for (const table of BESIDE.flatMap(({ tables }) => Object.values(tables))) {
    const [was, is] = [await contentOf(from, table), await contentOf(to, table)];
    if (was.rows !== is.rows) yield `${table}: ${was.rows} rows at the source, ${is.rows} in the copy.`;
    else if (was.digest !== is.digest) yield `${table}: ${was.rows} rows in both, and not the same.`;
  }
  for (const name of Object.values(KEPT_FILES)) {
    const [was, is] = [await from.file(name), await to.file(name)];
    const isSame = was === undefined || is === undefined ? was === is : Buffer.from(was).equals(is);
    if (!isSame) yield `${name}: not the same.`;
  }
}

/** Whatever the order of the rows. */
async function contentOf(beside: BesideLedger, table: string): Promise<{ readonly rows: number; readonly digest: bigint }> {
  let [rows, digest] = [0, 0n];
  for await (const page of beside.pages(table)) {
    for (const row of page) {
      if (isOwn(table, row)) continue;
      rows++;
      digest ^= BigInt(`0x${hash('sha256', plainText(row))}`);
    }
  }
  return { rows, digest };
}
