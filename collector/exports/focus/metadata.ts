/** What FOCUS wants to be known of a dataset without looking into it: who made it, by which version, with which columns. */
import { hash } from 'node:crypto';
import type { FocusVersion } from '../../catalog/export-formats.ts';
import { VERSION } from '../../core/version.ts';
import { renderInstant } from '../../query/render.ts';
import { type ColumnType, SCALES } from '../table.ts';
import { focusColumns } from './table.ts';

/** Digits of every decimal column, before and behind the point. */
const PRECISION = 38;
const TYPES: Readonly<Record<ColumnType, string>> = {
  ...{ text: 'STRING', json: 'JSON', instant: 'DATETIME', second: 'DATETIME', usd: 'DECIMAL', quantity: 'DECIMAL', count: 'INTEGER' },
};

export interface FocusMetadata {
  readonly DataGenerator: { readonly DataGenerator: string };
  /** Since 1.3. */
  readonly DatasetInstance?: readonly { readonly DatasetInstanceId: string; readonly DatasetInstanceName: string; readonly FocusDatasetId: string }[];
  readonly Schema: readonly [{ readonly SchemaId: string } & Record<string, unknown>];
}

/** `name` is what the dataset is called here. The id of the schema changes with the columns, and only then. */
export function focusMetadata(version: FocusVersion, name: string, nowMs: number): FocusMetadata {
  const columns = focusColumns(version).map(({ name: column, type }) => ({
    ColumnName: column,
    DataType: TYPES[type],
    ...(type === 'usd' || type === 'quantity' ? { NumericPrecision: PRECISION, NumberScale: SCALES[type] } : {}),
    ...(type === 'text' ? { StringEncoding: 'UTF-8' } : {}),
    // ProviderName and PublisherName go in 1.4, which 1.3 wants to be announced.
    ...(version === '1.3' && ['ProviderName', 'PublisherName'].includes(column) ? { Deprecated: true } : {}),
  }));
  const instanceId = hash('sha256', name, 'hex').slice(0, 32);
  const hasInstances = version !== '1.2';
  return {
    DataGenerator: { DataGenerator: 'Ledgerline' },
    ...(hasInstances && { DatasetInstance: [{ DatasetInstanceId: instanceId, DatasetInstanceName: name, FocusDatasetId: 'CostAndUsage' }] }),
    Schema: [
      {
        SchemaId: hash('sha256', JSON.stringify([version, columns]), 'hex').slice(0, 32),
        FocusVersion: version,
        DataGeneratorVersion: VERSION,
        CreationDate: renderInstant(nowMs),
        ...(hasInstances && { DatasetInstanceId: instanceId }),
        ColumnDefinition: columns,
      },
    ],
  };
}
