/** The provider's own records in the database, as `ledgerline import` brings them. */
import { STATEMENT_AMOUNTS } from '../../imports/statement-line.ts';
import { TEXT_COLUMNS } from '../statement-rows.ts';
import { quotedName } from './sql-text.ts';
import { withoutStatistics } from './without-statistics.ts';

const AMOUNT_COLUMNS = STATEMENT_AMOUNTS.map((name) => `${name} int8`);

export const STATEMENT_TABLES: readonly string[] = [
  // gate: locked by who writes lines together with others, and by who erases alone. runs: how many there were. erasure_key: see statement-names.ts.
  'CREATE TABLE statement_state (name text PRIMARY KEY, value text NOT NULL)',
  `INSERT INTO statement_state VALUES ('gate', ''), ('runs', '0')`,
  // A row for each day of a source that was ever written: locked by whoever replaces the day.
  `CREATE TABLE statement_days (
     source text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL, day text COLLATE "C" NOT NULL, PRIMARY KEY (source, account, day)
   )`,
  // What of a source's day was known from when to when. totals: of its lines, by name, as texts, since they may be wider than 64 bits.
  `CREATE TABLE statement_versions (
     id int8 PRIMARY KEY, source text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL, day text COLLATE "C" NOT NULL,
     since_ms int8 NOT NULL, until_ms int8, asked_ms int8 NOT NULL, checked_ms int8 NOT NULL, is_complete boolean NOT NULL,
     line_count int8 NOT NULL, totals text NOT NULL
   )`,
  'CREATE UNIQUE INDEX statement_versions_current ON statement_versions (source, account, day) WHERE until_ms IS NULL',
  'CREATE INDEX statement_versions_by_day ON statement_versions (day, source, account)',
  // The texts of lines: the same ones come back each day. digest: of the texts, so that they are found again.
  `CREATE TABLE statement_combinations (
     id int8 PRIMARY KEY, digest text COLLATE "C" NOT NULL UNIQUE, ${TEXT_COLUMNS.map((name) => `${quotedName(name)} text COLLATE "C" NOT NULL`).join()}
   )`,
  withoutStatistics('statement_combinations', TEXT_COLUMNS),
  `CREATE TABLE statement_lines (version int8 NOT NULL, combination int8 NOT NULL, ${AMOUNT_COLUMNS.join()}, PRIMARY KEY (version, combination))`,
  `CREATE TABLE statement_runs (
     id int8 PRIMARY KEY, source text COLLATE "C" NOT NULL, account text COLLATE "C" NOT NULL, started_ms int8 NOT NULL, ended_ms int8,
     from_day text COLLATE "C" NOT NULL, to_day text COLLATE "C" NOT NULL, outcome text NOT NULL,
     days int8 NOT NULL, revised int8 NOT NULL, lines int8 NOT NULL, remarks text NOT NULL
   )`,
  withoutStatistics('statement_runs', ['remarks']),
  'CREATE INDEX statement_runs_of ON statement_runs (source, account, id)',
  // What stands behind ids in lines: see collector/imports/names.ts.
  'CREATE TABLE statement_names (kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, name text NOT NULL, PRIMARY KEY (kind, id))',
  withoutStatistics('statement_names', ['id', 'name']),
  // Keyed digests of the names of users who were erased, and what stands in their place.
  'CREATE TABLE statement_erased (digest text PRIMARY KEY, value text NOT NULL)',
];
