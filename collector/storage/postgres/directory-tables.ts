/** What an identity provider sent over SCIM, with the time at which each fact came and went, and which names were merged. */
import { withoutStatistics } from './without-statistics.ts';

export const DIRECTORY_TABLES: readonly string[] = [
  // revision: locked by whoever writes, so that all write one after the other.
  'CREATE TABLE directory_state (name text PRIMARY KEY, value int8 NOT NULL)',
  `INSERT INTO directory_state VALUES ('revision', 0)`,
  `CREATE TABLE directory_resources (
     kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version int8 NOT NULL, created_ms int8 NOT NULL, modified_ms int8 NOT NULL,
     body text NOT NULL, PRIMARY KEY (kind, id)
   )`,
  withoutStatistics('directory_resources', ['body']),
  // Numbered in the order in which they came.
  `CREATE TABLE directory_facts (
     number int8 PRIMARY KEY, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, fact text COLLATE "C" NOT NULL,
     value text COLLATE "C" NOT NULL, from_ms int8 NOT NULL, to_ms int8
   )`,
  withoutStatistics('directory_facts', ['value']),
  'CREATE INDEX directory_facts_of ON directory_facts (kind, id)',
  `CREATE TABLE directory_merges (id int8 PRIMARY KEY, at_ms int8 NOT NULL, who text NOT NULL, alias text NOT NULL, "user" text NOT NULL)`,
  withoutStatistics('directory_merges', ['who', 'alias', 'user']),
];

/** What holds now, by what it is: who has a name, and who is in which group. */
export const DIRECTORY_INDEXES: readonly string[] = [
  'CREATE INDEX directory_facts_now ON directory_facts (fact, lower(value)) WHERE to_ms IS NULL',
  // Names, as the column has none of.
  'ALTER INDEX directory_facts_now ALTER COLUMN 2 SET STATISTICS 0',
  `CREATE INDEX directory_facts_titles ON directory_facts (id) WHERE fact = 'title' AND to_ms IS NULL`,
];
