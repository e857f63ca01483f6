/** What sessions came to whose entries were removed. */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import { REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { Vector } from '../../ledger/sums.ts';
import { type Sql, statement } from './connection.ts';
import { bigint, int, type Row } from './sql-text.ts';

const REMOVED = statement(
  `SELECT d.model, r.dims, ${MEASURE_NAMES.map((name) => `r.${name}`).join()} FROM ${REMOVED_SESSIONS.table} r JOIN dims d ON d.id = r.dims
   WHERE r.session = $1 ORDER BY d.model, r.dims`,
);

export interface RemovedSums {
  readonly model: string;
  readonly dims: number;
  readonly vector: Vector;
}

/** None of a session that has all its entries. */
export const readRemoved = async (sql: Sql, session: number): Promise<RemovedSums[]> =>
  (await sql.rows(REMOVED, [session])).map((row) => ({ model: String(row.model), dims: int(row.dims), vector: vectorOf(row) }));

/** By model, as far as the numbers of their dimensions are inside. */
export function removedByModel(removed: readonly RemovedSums[], isInside: (dims: number) => boolean): Map<string, Vector> {
  const byModel = new Map<string, Vector>();
  for (const { model, dims, vector } of removed) if (isInside(dims)) byModel.getOrInsertComputed(model, () => new Vector()).addVector(vector);
  return byModel;
}

function vectorOf(row: Row): Vector {
  const vector = new Vector();
  for (const [index, name] of MEASURE_NAMES.entries()) if (row[name] !== null) vector.values[index] = bigint(row[name]);
  return vector;
}
