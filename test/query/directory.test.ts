import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { formatUsd } from '../../collector/core/money.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import { DIRECTORY_CHECK } from '../../collector/query/directory-check.ts';
import { DIRECTORY_USER, DIRECTORY_USERS } from '../../collector/query/directory-users.ts';
import { event, NOON } from '../support/entries.ts';
import { openQuestioned, type Questioned } from './put-question.ts';

const DAY = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'ledgerline-directory-questions-'));
const FILE = `
users:
  ada@example.com:
    name: Ada
    aliases: [account-1]
    memberships: [{ team: search }, { team: platform, cost_center: cc-1 }]
  bob@example.com: { memberships: [{ team: data, from: 2026-11-18 }] }
  eve@example.com: {}
teams: { platform: { parent: engineering }, engineering: { cost_center: cc-eng } }
repositories: { 'github.com/acme/*': { team: web }, 'github.com/nobody/*': { team: web } }
domains: { partner.com: { team: partners }, gone.com: { team: partners } }
tokens: { ci: { team: ci } }
`;
const TOKENS = ['ci', 'laptops'].map((name, index) => ({ name, role: 'ingest', sha256: String(index).repeat(64) }));
const OTHER_FILE = 'people: { ADA@example.com: { team: search, department: Engineering }, carl@example.com: { team: data } }';
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

let questioned: Questioned;
afterEach(() => questioned.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the check should say of all spend without a team why, and what in the directory needs a hand', async () => {
  const config = {
    attribution: { directory_file: file('directory.yaml', FILE) },
    directory: { feeds: [{ type: 'yaml', name: 'hr', file: file('hr.yaml', OTHER_FILE) }], team_priority: ['nowhere'] },
    auth: { tokens: TOKENS },
  };
  questioned = await openQuestioned(NOON, config);
  let number = 0;
  const spent = (dollars: number, owner: { user?: string; team?: string; dimensions?: Entry['dimensions'] }, timeMs = NOON - DAY): Entry =>
    event({ id: `e${number}`, sessionId: `s${number++}`, timeMs, cost: `${dollars}.00`, ...{ user: '', team: '' }, ...owner });
  const entries = [
    spent(1, { user: 'ada@example.com', team: 'platform', dimensions: { repository: 'github.com/acme/web' } }),
    spent(2, { user: 'account-1' }),
    spent(4, { user: 'bob@example.com' }, Date.parse('2026-11-17T12:00:00Z')),
    spent(8, { user: 'bob@example.com' }, Date.parse('2026-11-18T12:00:00Z')),
    spent(16, { user: 'zoe@elsewhere.org' }),
    spent(32, { user: 'ann@partner.com' }),
    spent(64, { user: 'user-77' }),
    spent(128, {}),
    spent(256, { dimensions: { job: 'ci:acme/api/nightly' } }),
    spent(512, { user: 'erased-q1w2e3' }),
  ];
  await questioned.append(...entries);
  const answer = await questioned.put(DIRECTORY_CHECK, 'period=this_month');
  const byReason = Object.fromEntries(answer.reasons.map(({ reason, cost_usd }) => [reason, cost_usd]));
  const usd = (dollars: number): string => formatUsd(BigInt(dollars) * 10n ** 12n);
  expect(byReason).toEqual({
    ...{ erased: usd(512), job_without_team: usd(256), no_user: usd(128), no_alias: usd(64), domain_unknown: usd(16) },
    ...{ placed_since: usd(2 + 8 + 32), no_team_at_day: usd(4) },
  });
  expect([answer.cost_usd, answer.unallocated_usd]).toEqual([usd(1023), usd(1022)]);
  expect(answer).toMatchObject({
    merges: { count: 1, rows: [{ name: 'account-1', user: 'ada@example.com' }] },
    tokens_without_team: ['laptops'],
    overlaps: { rows: [{ user: 'ada@example.com', team: 'platform', reason: 'most_specific', others: ['search'] }] },
    conflicts: {
      rows: [
        {
          user: 'ada@example.com',
          field: 'team',
          values: [
            { feed: 'directory_file', value: 'platform' },
            { feed: 'hr', value: 'search' },
          ],
        },
      ],
    },
    silent: { count: 2, rows: ['carl@example.com', 'eve@example.com'] },
  });
  expect(answer.dead_rules.rows.map(({ section, pattern }) => `${section} ${pattern}`)).toEqual([
    'repositories github.com/nobody/*',
    'domains gone.com',
    'team_priority nowhere',
  ]);
  const scoped = await questioned.put(DIRECTORY_CHECK, '', { scope: [{ dimension: 'user', values: ['zoe@elsewhere.org'] }] });
  expect(scoped).toMatchObject({
    cost_usd: usd(16),
    tokens_without_team: [],
    overlaps: { count: 0 },
    dead_rules: { count: 0 },
    silent: { count: 0 },
  });

  const shown = await questioned.put(DIRECTORY_USER, '', { path: { user: 'ACCOUNT-1' } });
  expect(shown).toMatchObject({
    ...{ user: 'ada@example.com', name: 'Ada', team: 'platform', cost_center: 'cc-1', department: 'Engineering', other_teams: ['search'] },
    ...{ aliases: ['account-1'], feeds: ['directory_file', 'hr'], is_known: true },
    steps: [
      'ACCOUNT-1 is an alias of ada@example.com (directory_file).',
      'directory_file says of ada@example.com: the teams search, platform, cost_center cc-1.',
      'hr says of ADA@example.com: the team search, department Engineering.',
      'Of platform, search, platform owns the spend: it lies deepest below others in the tree of teams.',
      'So the team is platform, unless the token of a record names another.',
      'The cost center is cc-1, as the directory says of the user.',
    ],
  });
  const before = await questioned.put(DIRECTORY_USER, 'at=2026-11-17', { path: { user: 'bob@example.com' } });
  expect([before.team, (await questioned.put(DIRECTORY_USER, 'at=2026-11-18', { path: { user: 'bob@example.com' } })).team]).toEqual([null, 'data']);

  const all = await questioned.put(DIRECTORY_USERS, 'limit=2');
  expect([all.count, all.users.map(({ user }) => user)]).toEqual([4, ['ada@example.com', 'bob@example.com']]);
  const scope = [{ dimension: 'team' as const, values: ['data'] }] as const;
  await expect(questioned.put(DIRECTORY_USERS, '', { scope })).rejects.toThrow('see the whole ledger');
  await expect(questioned.put(DIRECTORY_USER, '', { scope, path: { user: 'ada@example.com' } })).rejects.toThrow('see the whole ledger');
});

test('the check should answer about more users and days without a team than a query has rows, and know who only sent what cost nothing', async () => {
  const users = 'users: { ada@example.com: {}, bob@example.com: {}, eve@example.com: {} }';
  questioned = await openQuestioned(NOON, { attribution: { directory_file: file('many.yaml', users) }, limits: { query_rows: 2 } });
  const sent = (user: string, cost: string, day: number): Entry =>
    event({ id: `${user} ${day}`, sessionId: user, timeMs: NOON - day * DAY, user, team: '', cost });
  await questioned.append(
    ...[1, 2, 3].flatMap((day) => [sent('ada@example.com', '1.00', day), sent('zoe', '2.00', day)]),
    sent('bob@example.com', '0', 1),
  );
  const answer = await questioned.put(DIRECTORY_CHECK, 'period=7d');
  expect(answer.reasons).toMatchObject([
    { reason: 'no_alias', cost_usd: '6.00', requests: 3, names: { count: 1, rows: [{ name: 'zoe', cost_usd: '6.00' }] } },
    { reason: 'no_team_at_day', cost_usd: '3.00', requests: 4, names: { count: 2 } },
  ]);
  expect(answer.silent).toEqual({ count: 1, rows: ['eve@example.com'] });
});

test('the check should suggest to merge names that had a part of one session', async () => {
  const users = 'users: { ada@example.com: { aliases: [account-1] }, bob@example.com: {} }';
  questioned = await openQuestioned(NOON, { attribution: { directory_file: file('together.yaml', users) } });
  let number = 0;
  const session = (...names: readonly string[]): Entry[] => {
    const sessionId = `s${number++}`;
    return names.map((user) => event({ id: `e${number++}`, sessionId, user }));
  };
  await questioned.append(
    ...session('ada@example.com', 'dev-7', 'ada@example.com'),
    ...session('dev-7', 'ada@example.com'),
    // Names of an alias, of two users of the directory, of nobody, of somebody who was erased, and of one user alone.
    ...session('account-1', 'ada@example.com'),
    ...session('bob@example.com', 'ada@example.com'),
    ...session('', 'carl@example.com'),
    ...session('erased-q1w2e3', 'carl@example.com'),
    ...session('carl@example.com', 'carl@example.com'),
    ...session('dev-8', 'carl@example.com'),
    ...session('dev-9'),
  );
  const { suggested_merges } = await questioned.put(DIRECTORY_CHECK, '');
  expect(suggested_merges).toEqual({
    count: 2,
    rows: [
      { name: 'dev-7', user: 'ada@example.com', sessions: 2 },
      { name: 'dev-8', user: 'carl@example.com', sessions: 1 },
    ],
  });
  const scoped = await questioned.put(DIRECTORY_CHECK, '', { scope: [{ dimension: 'user', values: ['dev-7', 'ada@example.com'] }] });
  expect(scoped.suggested_merges).toEqual({ count: 0, rows: [] });
});
