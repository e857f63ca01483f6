/** Files of a Data Export: a folder a month, and where it keeps what it delivered before, in that a folder a delivery. */
import { sep } from 'node:path';
import { LedgerlineError } from '../../core/error.ts';
import { type DataFile, dataFiles } from '../files/find.ts';

/** …/data/BILLING_PERIOD=2026-10/[20261103T051200Z-…/]name-00001.csv.gz */
const PERIOD = /(.*BILLING_PERIOD=[^/]+)\/(?:(.+)\/)?[^/]+$/i;

/** Of each month the newest delivery: it has the whole month. Throws LedgerlineError `invalid` where the same is there twice. */
export function currentFiles(paths: readonly string[]): readonly DataFile[] {
  const files = dataFiles(paths, ['csv', 'parquet']).map((file) => {
    const [, period = '', delivery = ''] = PERIOD.exec(file.path.split(sep).join('/')) ?? [];
    return { file, period, delivery };
  });
  const newest = new Map<string, string>();
  for (const { period, delivery } of files) if (delivery > (newest.get(period) ?? '')) newest.set(period, delivery);
  const current = files.filter(({ period, delivery }) => delivery === (newest.get(period) ?? ''));
  for (const [period, own] of Map.groupBy(current, (one) => one.period)) {
    if (new Set(own.map(({ file }) => file.kind)).size === 1) continue;
    throw new LedgerlineError('invalid', `${period === '' ? paths.join(', ') : period} has CSV and Parquet: the same would count twice.`, {
      hint: 'Name the folder of one of them.',
    });
  }
  return current.map(({ file }) => file);
}
