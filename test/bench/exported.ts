/** What export-process.ts reads, and what it says of it. */
import type { MeasureName } from '../../collector/catalog/measures.ts';

export const EXPORTED: readonly MeasureName[] = ['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'events'];

export interface ExportProcessResult {
  readonly rows: number;
  readonly seconds: number;
  /** CPU of the whole process. */
  readonly busySeconds: number;
  /** CPU of SQLite alone for the same cells. */
  readonly floorSeconds: number;
  /** Peak bytes while the first million rows came, and until the end. */
  readonly rssAtMillion: number;
  readonly rssAtEnd: number;
}
