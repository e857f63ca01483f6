/**
 * statements.sqlite in the data folder: the provider's own records, as `ledgerline import` brings them. A file of its own, so that nothing
 * here can hold up the ledger. Any process may write it, also beside a running collector.
 */
import type { DatabaseSync } from 'node:sqlite';
import { SECOND_MS } from '../../core/duration.ts';
import { STATEMENT_AMOUNTS } from '../../imports/statement-line.ts';
import { openBesideLedger } from './beside-ledger.ts';

/** Another process that writes a large day is done within that time. */
const BUSY_MS = 60 * SECOND_MS;

/** Each runs once, in one transaction with its number. Never edit one that has landed; append. */
const MIGRATIONS: readonly string[] = [
  `-- What of a source's day was known from when to when. totals: of its lines, by name, as texts, since they may be wider than 64 bits.
   CREATE TABLE versions (
     id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL, day TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER,
     asked_ms INTEGER NOT NULL, checked_ms INTEGER NOT NULL, is_complete INTEGER NOT NULL,
     line_count INTEGER NOT NULL DEFAULT 0, totals TEXT NOT NULL DEFAULT '{}'
   ) STRICT;
   CREATE UNIQUE INDEX versions_current ON versions (source, account, day) WHERE until_ms IS NULL;
   CREATE INDEX versions_by_day ON versions (day, source, account);
   -- The texts of lines: the same ones come back each day. digest: of the texts, so that they are found again.
   CREATE TABLE combinations (
     id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, organization TEXT NOT NULL, workspace TEXT NOT NULL, user TEXT NOT NULL,
     api_key TEXT NOT NULL, model TEXT NOT NULL, region TEXT NOT NULL, provider TEXT NOT NULL, product TEXT NOT NULL, cost_type TEXT NOT NULL,
     token_class TEXT NOT NULL, service_tier TEXT NOT NULL, speed TEXT NOT NULL, context_window TEXT NOT NULL, inference_geo TEXT NOT NULL
   ) STRICT;
   CREATE TABLE lines (
     version INTEGER NOT NULL, combination INTEGER NOT NULL, billed INTEGER, list INTEGER, estimated INTEGER, tokens INTEGER, requests INTEGER,
     PRIMARY KEY (version, combination)
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE runs (
     id INTEGER PRIMARY KEY, source TEXT NOT NULL, account TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER,
     from_day TEXT NOT NULL, to_day TEXT NOT NULL, outcome TEXT NOT NULL, days INTEGER NOT NULL, revised INTEGER NOT NULL, lines INTEGER NOT NULL,
     remarks TEXT NOT NULL
   ) STRICT;
   CREATE INDEX runs_of ON runs (source, account, id);
   -- Keyed digests of the names of users who were erased, and what stands in their place.
   CREATE TABLE erased (digest TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
   CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;`,
  `-- What stands behind ids in lines: see collector/imports/names.ts.
   CREATE TABLE names (kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID, STRICT;`,
];

export const STATEMENT_SCHEMA_VERSION = MIGRATIONS.length;

/** Opens the file, or makes it. */
export const openStatementDatabase = (file: string): DatabaseSync => openBesideLedger(file, { migrations: MIGRATIONS, busyMs: BUSY_MS });

/** Adds a line to another with the same texts. What neither says stays unknown. */
const ADDED = STATEMENT_AMOUNTS.map(
  (name) => `${name} = CASE WHEN excluded.${name} IS NULL THEN ${name} ELSE ifnull(${name}, 0) + excluded.${name} END`,
);
export const INSERT_LINE = `INTO lines (version, combination, ${STATEMENT_AMOUNTS.join()})`;
export const OR_ADD = `ON CONFLICT (version, combination) DO UPDATE SET ${ADDED.join()}`;
