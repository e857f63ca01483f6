/** Tables for those who read a shared ledger by SQL: its calendar (read-calendar.ts), and samples (samples.ts). */
import { withoutStatistics } from './without-statistics.ts';

export const READ_TABLES: readonly string[] = [
  'CREATE TABLE calendar (grain text COLLATE "C" NOT NULL, start_s int8 NOT NULL, end_s int8 NOT NULL, PRIMARY KEY (grain, start_s))',
  // owner: a replica, for as long as it runs; none is the ledger.
  `CREATE TABLE samples (
     owner text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, labels text COLLATE "C" NOT NULL, value numeric NOT NULL, PRIMARY KEY (owner, name, labels)
   ) WITH (fillfactor = 70)`,
  `CREATE TABLE sample_days (
     name text COLLATE "C" NOT NULL, labels text COLLATE "C" NOT NULL, day_s int8 NOT NULL, value numeric NOT NULL, PRIMARY KEY (name, labels, day_s)
   )`,
  'CREATE TABLE sampled (owner text COLLATE "C" PRIMARY KEY, at_s int8 NOT NULL)',
  withoutStatistics('samples', ['labels']),
  withoutStatistics('sample_days', ['labels']),
];
