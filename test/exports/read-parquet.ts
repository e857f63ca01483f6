/** Parquet as another library reads it, with its decimals taken digit by digit: that library would make floats of them. */
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { formatDecimal } from '../../collector/exports/decimal.ts';
import { SCALES } from '../../collector/exports/table.ts';

export async function readParquet(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  const decimals = new Map(
    metadata.schema.flatMap((element) => (element.converted_type === 'DECIMAL' ? [[element.name, element.scale] as const] : [])),
  );
  // Bytes as they are written.
  for (const element of metadata.schema) {
    if (!decimals.has(element.name)) continue;
    delete element.converted_type;
    delete element.logical_type;
  }
  const rows = await parquetReadObjects({ file, metadata, utf8: false });
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value, decimals.get(name))])));
}

function cellOf(value: unknown, scale: number | undefined): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) {
    const digits = BigInt.asIntN(128, BigInt(`0x${Buffer.from(value).toString('hex')}`));
    return formatDecimal(scale === SCALES.usd ? 'usd' : 'quantity', digits);
  }
  return value;
}
