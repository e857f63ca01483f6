/** The formats of exports: what their rows are made from, and how they are written. */

/** usage: dimensions and measures as asked for. charges: a row for each class of tokens. days: by model. */
type Rows = 'usage' | 'charges' | 'days';

export interface Format {
  readonly rows: Rows;
  readonly extension: string;
  readonly contentType: string;
  /** Its bytes are compressed already. */
  readonly isCompressed?: true;
  readonly description: string;
}

const CSV = { extension: 'csv', contentType: 'text/csv; charset=utf-8' } as const;
const PARQUET = { extension: 'parquet', contentType: 'application/vnd.apache.parquet', isCompressed: true } as const;

export const FORMATS = {
  csv: { ...CSV, rows: 'usage', description: 'Comma-separated values.' },
  jsonl: { rows: 'usage', extension: 'jsonl', contentType: 'application/jsonl', description: 'JSON Lines: one object a row.' },
  parquet: { ...PARQUET, rows: 'usage', description: 'Apache Parquet; money as DECIMAL(38,12).' },
  focus: { ...CSV, rows: 'charges', description: 'FOCUS, the FinOps Open Cost and Usage Specification, as CSV.' },
  'focus-parquet': { ...PARQUET, rows: 'charges', description: 'FOCUS as Parquet.' },
  'aws-billing': { ...CSV, rows: 'charges', description: 'Rows in the shape of an AWS Cost and Usage Report (CUR 2.0), as CSV.' },
  ccusage: { rows: 'days', extension: 'json', contentType: 'application/json', description: 'The JSON of `ccusage daily --json`.' },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];

export const isFocus = (format: FormatName): boolean => format === 'focus' || format === 'focus-parquet';

export const FOCUS_VERSIONS = ['1.2', '1.3', '1.4'] as const;
export type FocusVersion = (typeof FOCUS_VERSIONS)[number];
