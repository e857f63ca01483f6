/** The status line against the collector itself: what is booked is what it shows, for the user of the token alone, also when the collector goes. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { startApi, type TestApi } from '../../api/support.ts';
import { createAuthenticator } from '../../support/authenticator.ts';
import { event, NOON } from '../../support/entries.ts';
import { waitFor } from '../../support/wait.ts';
import { draw, inputOf, removeScript, StatuslineCache } from './statusline.ts';

const USERS = ['ada', 'ben'] as const;
const tokens = USERS.map((name) => ({
  ...{ name, role: 'ingest' as const, user: `${name}@example.com`, sha256: createHash('sha256').update(`ll_${name}`).digest('hex') },
}));
const BUDGETS = [
  { name: 'each', per: 'user', period: 'day', amount_usd: '20.00', hard_limit: true },
  { name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '1000.00' },
];

let api: TestApi;
let isStopped: boolean;
let caches: Record<string, StatuslineCache>;
/** Of the collector; that of the machine does not matter. */
const nowMs = NOON;
beforeEach(async () => {
  isStopped = false;
  caches = Object.fromEntries([...USERS, 'eve'].map((name) => [name, new StatuslineCache()]));
  api = await startApi({ nowMs, config: { budgets: BUDGETS }, authenticate: createAuthenticator(tokens, { exposed: true }) });
});
const stop = async (): Promise<void> => {
  if (!isStopped) await api.stop();
  isStopped = true;
};
afterEach(async () => {
  await stop();
  for (const cache of Object.values(caches)) cache.remove();
});
afterAll(removeScript);

let count = 0;
const spend = (user: string, cost: string): Promise<unknown> =>
  api.append([event({ id: String(count++), user: `${user}@example.com`, cost, timeMs: nowMs })]);
const line = async (user: string): Promise<string> => {
  const env = { NO_COLOR: '1', LEDGERLINE_URL: api.url, LEDGERLINE_TOKEN: `ll_${user}`, LEDGERLINE_CACHE_DIR: caches[user]?.folder ?? '' };
  return (await draw(inputOf(), { env })).out;
};
/** Draws it until it says so, with nothing kept that is fresh. */
const shows = (user: string, wanted: RegExp): Promise<string> =>
  waitFor(`the line of ${user} to have ${wanted}`, async () => {
    const out = await line(user);
    if (caches[user]?.files.includes('answer')) caches[user].age(30);
    return wanted.test(out) ? out : undefined;
  });

test('each sees the own spend, and the budget with the least left', async () => {
  await spend('ada', '4.50');
  await spend('ben', '880.00');
  expect(await shows('ada', /today/)).toMatch(
    /^Opus 5\.5 \| \$1\.23 session \/ \$4\.50 today \/ platform \$115\.50 left \(<1m ago\) \| 9 % context\n$/,
  );
  expect(await shows('ben', /today/)).toMatch(/\/ \$880\.00 today \/ each \$860\.00 over, stopped \(/);
  await spend('ada', '14.00');
  expect(await shows('ada', /18\.50 today/)).toContain('/ each $1.50 left (');
});

test('who is refused sees what the client says, and nothing of others', async () => {
  await spend('ada', '4.50');
  await shows('ada', /today/);
  for (let round = 0; round < 3; round++) expect(await line('eve')).toBe('Opus 5.5 | $1.23 session | 9 % context\n');
});

test('a collector that goes leaves its figures with their age, and then none', async () => {
  await spend('ada', '4.50');
  await shows('ada', /today/);
  await stop();
  caches.ada?.age(600);
  expect(await line('ada')).toMatch(/\$4\.50 today \/ each \$15\.50 left \(1\dm ago\)/);
  caches.ada?.age(3600);
  expect(await line('ada')).toBe('Opus 5.5 | $1.23 session | 9 % context\n');
});
