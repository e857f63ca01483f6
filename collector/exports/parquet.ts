/** Apache Parquet, a row group at a time. Money is DECIMAL(38,12), counts are INT64, times are UTC milliseconds; compressed with Snappy. */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { LedgerlineError } from '../core/error.ts';
import { type Cell, type Column, SCALES, type Table, type TableRow } from './table.ts';

/** One row group is encoded without a pause: so many cells take some tens of milliseconds. */
const GROUP_CELLS = 200_000;
const PRECISION = 38;
/** The version of what is written here. With that of the product, each update would make other files of the same figures. */
const CREATED_BY = 'ledgerline version 1';
/** As many bytes as 38 digits need. */
const DECIMAL_BYTES = 16;
const INT64_MAX = 2n ** 63n - 1n;
const DECIMAL_MAX = 10n ** BigInt(PRECISION) - 1n;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];
type Value = Cell | Uint8Array | undefined;

export async function* parquetBytes({ columns, pages }: Table): AsyncIterable<Uint8Array> {
  const bytes = new ByteWriter();
  const schemaOf = (toElement: (column: Column) => SchemaElement): SchemaElement[] => [
    { name: 'root', num_children: columns.length },
    ...columns.map(toElement),
  ];
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(asWritten), createdBy: CREATED_BY });
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
  file.schema = schemaOf(elementOf);
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
  const columnData = columns.map((column, index): ColumnSource => {
    const toValue = valuesOf(column, rows.length);
    return {
      name: column.name,
      data: rows.map((row) => toValue(row[index] ?? null)),
      // The pages of a column are few: their places would only make the end of the file longer.
      offsetIndex: false,
      // Readers skip rows by names and times, never by an amount.
      ...(isDecimal(column) && { statistics: false }),
    };
  });
  file.write({ columnData, rowGroupSize: rows.length });
}

/** What is written of each cell of a column. Days, prices and zeros come again and again, and are converted once. */
function valuesOf(column: Column, count: number): (cell: Cell) => Value {
  if (column.type === 'text' || column.type === 'json') return (cell) => cell ?? undefined;
  const convert = isDecimal(column) ? decimals(column, count) : (cell: string | number | bigint) => toValue(column, cell);
  const known = new Map<Cell, Value>();
  return (cell) => {
    if (cell === null) return undefined;
    const found = known.get(cell);
    if (found !== undefined) return found;
    const value = convert(cell);
    known.set(cell, value);
    return value;
  };
}

function toValue(column: Column, cell: string | number | bigint): Value {
  if (typeof cell === 'number') return BigInt(cell);
  if (typeof cell === 'string') return cell;
  return within(cell, INT64_MAX, column, 'INT64');
}

function within(value: bigint, max: bigint, { name }: Column, type: string): bigint {
  if (value <= max && value >= -max) return value;
  throw new LedgerlineError('invalid', `${name} is ${value}, which Parquet's ${type} cannot hold.`, { hint: 'Export it as csv or jsonl.' });
}

/** Two's complement, the highest byte first: at most `count` values, in one piece of memory. */
function decimals(column: Column, count: number): (value: string | number | bigint) => Uint8Array {
  const bytes = new Uint8Array(count * DECIMAL_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  return (given) => {
    const value = within(BigInt(given), DECIMAL_MAX, column, `DECIMAL(${PRECISION})`);
    view.setBigInt64(at, value >> 64n);
    view.setBigUint64(at + 8, BigInt.asUintN(64, value));
    at += DECIMAL_BYTES;
    return bytes.subarray(at - DECIMAL_BYTES, at);
  };
}

const isDecimal = ({ type }: Column): boolean => type in SCALES;

/** While columns are written, a decimal is the bytes that it already is: the library would shift a bigint for every byte. */
function asWritten(column: Column): SchemaElement {
  const { converted_type: _, logical_type: __, ...element } = elementOf(column);
  return isDecimal(column) ? element : elementOf(column);
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
