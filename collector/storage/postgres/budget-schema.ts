/** Tables of budgets, alerts and gateways: small ones, written seldom and by one after the other. */

import { IS_IN_FORCE } from '../budgets-in-force.ts';
import { withoutStatistics } from './without-statistics.ts';

export const BUDGET_TABLES: readonly string[] = [
  // Each row is locked by whoever writes what it is about, so that numbers are given in the order of the commits. Locked in this order:
  // revision (entries, privacy), outbox, gateway. The value of the first changes with everything that changes budgets in force.
  'CREATE TABLE budget_state (name text PRIMARY KEY, value int8 NOT NULL) WITH (fillfactor = 50)',
  `INSERT INTO budget_state VALUES ('revision', 0), ('outbox', 0), ('gateway', 0)`,
  // They never change but by an erasure. asker: of a request, who asks. request: which request an entry ends, at most one for each.
  `CREATE TABLE budget_entries (
     id int8 PRIMARY KEY, at_ms int8 NOT NULL, who text NOT NULL, what text NOT NULL, name text COLLATE "C" NOT NULL, body text,
     asker text COLLATE "C", request int8
   )`,
  'CREATE INDEX budget_entries_by_name ON budget_entries (name, id)',
  'CREATE UNIQUE INDEX budget_entries_end ON budget_entries (request) WHERE request IS NOT NULL',
  'CREATE INDEX budget_entries_asked ON budget_entries (asker, id) WHERE asker IS NOT NULL',
  'CREATE INDEX budget_entries_asked_at ON budget_entries (at_ms) WHERE asker IS NOT NULL',
  'CREATE INDEX budget_entries_requests ON budget_entries (id) WHERE asker IS NOT NULL',
  `CREATE INDEX budget_entries_removed ON budget_entries (name, id) WHERE what = 'budget_removed'`,
  `CREATE INDEX budget_entries_in_force ON budget_entries (id) WHERE ${IS_IN_FORCE}`,
  // Who exported or erased whom.
  'CREATE TABLE privacy_audit (id int8 PRIMARY KEY, at_ms int8 NOT NULL, who text NOT NULL, what text NOT NULL, subject text NOT NULL)',
  'CREATE TABLE alerts (id text COLLATE "C" PRIMARY KEY, state text NOT NULL, fired_ms int8 NOT NULL, resolved_ms int8, body text NOT NULL)',
  `CREATE INDEX alerts_firing ON alerts (id) WHERE state = 'firing'`,
  `CREATE TABLE alert_deliveries (
     place int8 PRIMARY KEY, id text COLLATE "C" NOT NULL UNIQUE, channel text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL, kind text NOT NULL,
     status text NOT NULL, attempts int4 NOT NULL, next_ms int8 NOT NULL, created_ms int8 NOT NULL, delivered_ms int8, error text, body text NOT NULL
   ) WITH (fillfactor = 70)`,
  `CREATE INDEX alert_deliveries_open ON alert_deliveries (channel, subject, place) WHERE status IN ('waiting', 'folded')`,
  `CREATE INDEX alert_deliveries_sent ON alert_deliveries (channel, delivered_ms) WHERE status = 'delivered'`,
  `CREATE INDEX alert_deliveries_dead ON alert_deliveries (place) WHERE status = 'dead'`,
  'CREATE INDEX alert_deliveries_created ON alert_deliveries (created_ms)',
  // Which summary a message is part of.
  'CREATE TABLE alert_folds (delivery text COLLATE "C" PRIMARY KEY, summary text COLLATE "C" NOT NULL)',
  'CREATE INDEX alert_folds_summary ON alert_folds (summary)',
  'CREATE TABLE alert_digests (name text COLLATE "C" PRIMARY KEY, due_ms int8 NOT NULL)',
  `CREATE TABLE gateway_limits (
     id int8 PRIMARY KEY, at_ms int8 NOT NULL, who text NOT NULL, gateway text COLLATE "C" NOT NULL, what text NOT NULL, outcome text NOT NULL,
     body text NOT NULL
   )`,
  withoutStatistics('budget_entries', ['who', 'name', 'body', 'asker']),
  withoutStatistics('privacy_audit', ['who', 'subject']),
  withoutStatistics('alerts', ['id', 'body']),
  withoutStatistics('alert_deliveries', ['subject', 'error', 'body']),
  withoutStatistics('gateway_limits', ['who', 'body']),
];

/** Of whoever writes within a transaction; the others wait for its end. Answers its value. */
export const LOCK_STATE = 'SELECT value FROM budget_state WHERE name = $1 FOR UPDATE';
