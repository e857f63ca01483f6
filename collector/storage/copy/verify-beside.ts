/** Budgets, alerts, statements, the directory and small files of both: are they the same rows? */
import { KEPT_FILES } from '../../config/data-folder.ts';
import { BESIDE, isOwn } from './beside-tables.ts';
import type { BesideLedger, Cells } from './ends.ts';
import { contentDifference, contentOf } from './verify-content.ts';

/** A sentence for each table or file that is another. */
export async function* differencesBeside(from: BesideLedger, to: BesideLedger): AsyncGenerator<string, void> {
  for (const table of BESIDE.flatMap(({ tables }) => Object.values(tables))) {
    yield* contentDifference(table, await contentOf(rowsOf(from, table)), await contentOf(rowsOf(to, table)));
  }
  for (const name of Object.values(KEPT_FILES)) {
    const [was, is] = [await from.file(name), await to.file(name)];
    const isSame = was === undefined || is === undefined ? was === is : Buffer.from(was).equals(is);
    if (!isSame) yield `${name}: not the same.`;
  }
}

async function* rowsOf(beside: BesideLedger, table: string): AsyncGenerator<readonly Cells[], void> {
  for await (const page of beside.pages(table)) yield page.filter((row) => !isOwn(table, row));
}
