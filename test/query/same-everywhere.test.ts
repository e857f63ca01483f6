/**
 * The same question gives the same figure on every surface, to the last digit: what plain SQL adds up from the entries. A new surface joins
 * in same/surfaces.ts.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/client';
import { configSchema } from '../../collector/config/config.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { closeClients, overHttp } from '../mcp/clients.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { seededRandom } from '../support/random.ts';
import { MOMENTS } from '../support/random-budgets.ts';
import { type Asked, anyQuestion, entriesOf, queryOf, SCOPES, wordsOf } from './same/asked.ts';
import { SqlSums } from './same/sql-sums.ts';
import { type Answered, type Place, SURFACES } from './same/surfaces.ts';
import type { Table } from './same/table.ts';

/** Of each zone. More: LEDGERLINE_SAME_QUESTIONS=5000 npm test -- query/same-everywhere --testTimeout=3600000 */
const QUESTIONS = Number(process.env.LEDGERLINE_SAME_QUESTIONS ?? 700);
const SHOWN = 10;
const random = seededRandom('same everywhere');
const NOW = Math.max(...MOMENTS) + 60 * 86_400_000;

const plural = (name: string): string => `${name}s`;
const scopeOf = (scope: Readonly<Record<string, readonly string[]>>) =>
  Object.keys(scope).length === 0 ? 'all' : Object.fromEntries(Object.entries(scope).map(([name, values]) => [plural(name), values]));

describe.each(['UTC', 'Europe/Berlin', 'America/New_York'])('a ledger with days of %s', (timeZone) => {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-same-'));
  const tokens = Object.fromEntries(
    Object.keys(SCOPES).map((name) => {
      const file = join(folder, name);
      writeFileSync(file, `token-of-${name}`, { mode: 0o600 });
      return [name, { token: `token-of-${name}`, file }];
    }),
  );
  const { auth } = configSchema.parse({
    auth: {
      tokens: Object.entries(SCOPES).map(([name, scope]) => ({
        ...{ name, role: 'read', scope: scopeOf(scope) },
        sha256: createHash('sha256').update(`token-of-${name}`).digest('hex'),
      })),
    },
  });
  let api: TestApi;
  let sums: SqlSums;
  let place: Place;
  beforeAll(async () => {
    api = await startApi({ nowMs: NOW, config: { timezone: timeZone }, authenticate: createAuthenticator(auth.tokens) });
    await api.append(entriesOf(random));
    sums = new SqlSums(api.ledger.file);
    const clients: Record<string, Client> = {};
    for (const [name, { token }] of Object.entries(tokens)) clients[name] = await overHttp(api.url, { token });
    place = { url: api.url, ledgerFile: api.ledger.file, timeZone, nowMs: NOW, tokens, clients };
  });
  afterAll(async () => {
    await closeClients();
    sums.close();
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  test(`${QUESTIONS} questions have the figures of plain SQL on every surface`, async () => {
    const [first, ...others] = Object.keys(SURFACES);
    const complaints: string[] = [];
    const compared = new Map<string, number>();
    for (let round = 0; round < QUESTIONS; round++) {
      const asked = anyQuestion(random);
      const expected = sums.sum(asked);
      // All are asked of the first, and each of one other in turn.
      for (const name of [first ?? '', others[round % others.length] ?? '']) {
        const answered = await SURFACES[name]?.(asked, place).catch((error: Error) => error.message);
        if (answered === undefined) continue;
        compared.set(name, (compared.get(name) ?? 0) + 1);
        const difference = typeof answered === 'string' ? answered : differenceOf(asked, expected, answered);
        if (difference !== undefined) complaints.push(`${name}, ${asked.scope}: ${queryOf(wordsOf(asked))}: ${difference}`);
      }
    }
    expect(complaints.slice(0, SHOWN)).toEqual([]);
    // Else a surface was not asked at all.
    expect([...compared.keys()].sort()).toEqual(Object.keys(SURFACES).sort());
  });

  test('the questions are about something', () => {
    const asked = Array.from({ length: 200 }, (): Asked => anyQuestion(random));
    const filled = asked.filter((one) => sums.sum(one).rows.size > 0);
    expect(filled.length).toBeGreaterThan(80);
  });
});

function differenceOf({ measures }: Asked, expected: Table, { rows, totals, cost }: NonNullable<Answered>): string | undefined {
  const whole = expected.totals[measures.indexOf('cost')];
  if (cost !== undefined && cost !== whole) return `cost ${cost} instead of ${whole}`;
  if (totals !== undefined && String(totals) !== String(expected.totals)) return `total ${totals} instead of ${expected.totals}`;
  if (rows === undefined) return undefined;
  for (const [key, values] of expected.rows) if (String(rows.get(key)) !== String(values)) return `${key} is ${rows.get(key)} instead of ${values}`;
  const more = [...rows.keys()].find((key) => !expected.rows.has(key));
  return more === undefined ? undefined : `${more} should not be there`;
}
