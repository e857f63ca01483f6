/** Small files that replicas share: see kept-files.ts. They hold keys, and nobody looks for what is in them. */
import { withoutStatistics } from './without-statistics.ts';

export const KEPT_FILE_TABLES: readonly string[] = [
  'CREATE TABLE kept_files (name text COLLATE "C" PRIMARY KEY, bytes bytea NOT NULL, changed_ms int8 NOT NULL)',
  withoutStatistics('kept_files', ['bytes']),
];
