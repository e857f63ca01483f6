/** The rules by which contract-suite.ts judges all statements that the suites run. */
import { expect, test } from '@jest/globals';
import { mistakesIn } from './statement-rules.ts';

test.each([
  ['SELECT session FROM sessions s WHERE s.session = ANY($1) ORDER BY s.session FOR UPDATE', 'locks rows without naming a slot'],
  ['DELETE FROM recent WHERE start_s < $1', 'writes recent without naming a slot'],
  ['INSERT INTO entries (session, identity) VALUES ($1, $2)', 'writes entries without naming a slot'],
  ['INSERT INTO state (slot, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', 'has a conflict on state by (name)'],
  ['INSERT INTO rollup_day_team (start_s, dims) VALUES ($1, $2) ON CONFLICT (start_s) DO NOTHING', 'has a conflict on rollup_day_team by (start_s)'],
  ['SELECT sum(r.cost) FROM rollup_day_team r JOIN recent q ON q.dims = r.dims', 'joins recent with rollup_day_team'],
  ['SELECT 1 FROM entries e JOIN sessions s ON s.session = e.session', 'joins sessions,entries otherwise than by slot'],
  ['DELETE FROM entries WHERE slot = $1 AND ctid = ANY($2)', 'says ctid'],
  [`SELECT nextval('ids')`, 'says nextval'],
])('%s', (sql, mistake) => expect(mistakesIn(sql)).toEqual([mistake]));

test.each([
  'SELECT session FROM sessions s WHERE s.slot = $1 AND s.session = ANY($2) ORDER BY s.session FOR UPDATE OF s',
  'SELECT generation FROM replicas WHERE replica = $1 FOR UPDATE',
  'INSERT INTO state AS r (slot, replica, name, value) VALUES ($1, $2, $3, $4) ON CONFLICT (slot, replica, name) DO UPDATE SET value = r.value + excluded.value',
  'SELECT r.start_s, sum(r.cost) FROM rollup_day_team r JOIN dims d ON d.id = r.dims GROUP BY 1 UNION ALL SELECT r.start_s, sum(r.cost) FROM recent r JOIN dims d ON d.id = r.dims GROUP BY 1',
  'SELECT 1 FROM sessions s JOIN session_places o ON o.slot = s.slot AND o.session = s.session',
  'CREATE TABLE entries (slot int2)',
])('%s is taken', (sql) => expect(mistakesIn(sql)).toEqual([]));
