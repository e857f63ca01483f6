/** Apache Parquet, a row group at a time. Money is DECIMAL(38,12), counts are INT64, times are UTC milliseconds; compressed with Snappy. */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { LedgerlineError } from '../core/error.ts';
import { VERSION } from '../core/version.ts';
import { type Cell, type Column, SCALES, type Table, type TableRow } from './table.ts';

/** One row group is encoded without a pause: so many cells take some tens of milliseconds. */
const GROUP_CELLS = 200_000;
const PRECISION = 38;
/** As many bytes as 38 digits need. */
const DECIMAL_BYTES = 16;
const INT64_MAX = 2n ** 63n - 1n;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

export async function* parquetBytes({ columns, pages }: Table): AsyncIterable<Uint8Array> {
  const bytes = new ByteWriter();
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)];
  const file = new ParquetWriter({ writer: bytes, schema, createdBy: `ledgerline version ${VERSION}` });
  const groupRows = Math.max(1, Math.floor(GROUP_CELLS / columns.length));
  let rows: TableRow[] = [];
  for await (const page of pages) {
    rows.push(...page);
    for (; rows.length >= groupRows; rows = rows.slice(groupRows)) {
      writeGroup(file, columns, rows.slice(0, groupRows));
      yield taken(bytes);
    }
  }
  if (rows.length > 0) writeGroup(file, columns, rows);
  file.finish();
  yield taken(bytes);
}

/** What was written since the last time; offsets within the file go on. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

function writeGroup(file: ParquetWriter, columns: readonly Column[], rows: readonly TableRow[]): void {
  const columnData = columns.map(
    (column, index): ColumnSource => ({
      name: column.name,
      data: rows.map((row) => toValue(column, row[index] ?? null)),
      // The pages of a column are few: their places would only make the end of the file longer.
      offsetIndex: false,
    }),
  );
  file.write({ columnData, rowGroupSize: rows.length });
}

function toValue({ name, type }: Column, cell: Cell): Cell | undefined {
  if (cell === null) return undefined;
  if (typeof cell === 'number') return BigInt(cell);
  if (type === 'count' && typeof cell === 'bigint' && (cell > INT64_MAX || cell < -INT64_MAX)) {
    throw new LedgerlineError('invalid', `${name} is ${cell}, which Parquet's INT64 cannot hold.`, { hint: 'Export it as csv or jsonl.' });
  }
  return cell;
}

function elementOf({ name, type, isRequired }: Column): SchemaElement {
  const common = { name, repetition_type: isRequired === true ? ('REQUIRED' as const) : ('OPTIONAL' as const) };
  if (type === 'count') return { ...common, type: 'INT64' };
  if (type === 'instant' || type === 'second') {
    return {
      ...{ ...common, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    };
  }
  if (type === 'text' || type === 'json') return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
  const decimal = { scale: SCALES[type], precision: PRECISION };
  return {
    ...{ ...common, ...decimal, type: 'FIXED_LEN_BYTE_ARRAY', type_length: DECIMAL_BYTES, converted_type: 'DECIMAL' },
    logical_type: { type: 'DECIMAL', ...decimal },
  };
}
