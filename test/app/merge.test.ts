/** Two names of one user, merged beside a running collector: no total moves, and what comes later is the user's from the next record on. */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { outcome } from '../cli/command.ts';
import { type Claimed, costs, logs, startWithTokens, type TokenCollector } from './tokens.ts';

const ADA = 'ada@example.com';
const ALIAS = 'dev-ada-1@laptop';
const DAY_MS = 86_400_000;
const DAY_AGO = Date.now() - DAY_MS;
const DAY = new Date(DAY_AGO).toISOString().slice(0, 10);
const TIMEOUT_MS = 240_000;
const tokens = ['ingest', 'read', 'admin', 'scim'].map((role) => ({ name: role, role, sha256: createHash('sha256').update(role).digest('hex') }));

let running: TokenCollector;
afterEach(() => running.stop());
const start = async (): Promise<void> => {
  running = await startWithTokens({}, { auth: { tokens }, directory: { feeds: [{ type: 'scim' }] } });
};

async function post(route: string, body: unknown, token = 'admin'): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const url = `http://127.0.0.1:${running.collector.ports.api}/api/v1/${route}`;
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const merge = (body: object, token?: string) => post('directory/merges', body, token);
const of = (user: string, usd: number, more: Partial<Claimed> = {}): Claimed => ({ usd, attributes: { 'user.email': user }, atMs: DAY_AGO, ...more });

async function spend(by = 'user', measure = 'cost'): Promise<Record<string, string>> {
  const query = `spend?by=${by}&measures=${measure}&period=90d`;
  const { rows } = await running.get<{ rows: readonly Record<string, string>[] }>(query, 'admin');
  return Object.fromEntries(rows.map(({ [by]: value = '', ...figures }) => [value, Object.values(figures).join()]));
}

async function expectSound(): Promise<void> {
  const checked = await outcome(['check', '--data', dirname(running.collector.ledgerFile)]);
  expect(checked).toMatchObject({ code: 0 });
}

test(
  'an admin alone should merge, and what is not understood changes nothing',
  async () => {
    await start();
    await running.send('ingest', logs(of(ALIAS, 1, { session: 's1' })));
    const wanted = { alias: ALIAS, user: ADA };
    const statuses = [];
    for (const token of ['wrong', 'ingest', 'read', 'scim']) statuses.push((await merge(wanted, token)).status);
    expect(statuses).toEqual([401, 403, 403, 403]);
    const bodies = [
      { alias: ALIAS },
      { ...wanted, user: '' },
      { ...wanted, user: 'unallocated' },
      { ...wanted, dry_run: 1 },
      { ...wanted, force: true },
    ];
    for (const body of [...bodies, { alias: ALIAS, user: ` ${ALIAS.toUpperCase()}` }]) expect((await merge(body)).status).toBe(400);
    const nobody = await merge({ alias: 'nobody-1', user: 'nobody@example.com', dry_run: true });
    expect(nobody).toMatchObject({ status: 200, body: { combinations: 0, values: 0, sessions: 0, budgets: 0, alerts: 0, messages: 0 } });
    expect(await spend()).toEqual({ [ALIAS]: '1.00' });
  },
  TIMEOUT_MS,
);

test(
  'the next record under the alias should be the user’s, and a second merge find nothing',
  async () => {
    await start();
    await running.send('ingest', logs(of(ALIAS, 1, { session: 's1' }), of(ADA, 2, { session: 's2' })));
    const trial = await merge({ alias: ALIAS, user: ADA, dry_run: true });
    expect(trial).toMatchObject({ status: 200, body: { alias: ALIAS, user: ADA, values: 1 } });
    expect(await spend()).toEqual({ [ADA]: '2.00', [ALIAS]: '1.00' });
    expect((await merge({ alias: ALIAS, user: ADA })).body).toEqual(trial.body);
    await running.send('ingest', logs(of(ALIAS, 4, { session: 's1' }), of(ALIAS, 8)));
    expect(await spend()).toEqual({ [ADA]: '15.00' });
    expect(await merge({ alias: ALIAS, user: ADA })).toMatchObject({ status: 200, body: { combinations: 0, values: 0, sessions: 0 } });
    await expectSound();
  },
  TIMEOUT_MS,
);

test(
  'a merge into an alias should be one into its user, and one of a user into its own alias should leave it there',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'merge-'));
    const directory_file = join(folder, 'people.yaml');
    writeFileSync(directory_file, `users: { ${ADA}: { aliases: [ada-uuid] }, bob@example.com: { aliases: [bob-uuid] } }`);
    running = await startWithTokens({}, { auth: { tokens }, attribution: { directory_file } });
    await running.send('ingest', logs(of(ALIAS, 1, { session: 's1' }), of(ADA, 2, { session: 's2' }), of('bob@example.com', 4, { session: 's3' })));
    expect((await merge({ alias: ALIAS, user: 'Ada-UUID', dry_run: true })).body).toMatchObject({ alias: ALIAS, user: ADA });
    expect((await merge({ alias: ALIAS, user: 'Ada-UUID' })).body).toMatchObject({ alias: ALIAS, user: ADA });
    expect((await merge({ alias: 'bob@example.com', user: 'bob-uuid' })).body).toMatchObject({ user: 'bob-uuid' });
    await running.send('ingest', logs(of(ALIAS, 8), of('bob@example.com', 16)));
    expect(await spend()).toEqual({ [ADA]: '11.00', 'bob-uuid': '20.00' });
    await expectSound();
  },
  TIMEOUT_MS,
);

test(
  'pools of one day and the same imported history should keep every total, also when they are sent again',
  async () => {
    await start();
    await running.send('ingest', logs(of(ALIAS, 1)));
    await running.send('ingest', costs([of(ALIAS, 1.5), of(ADA, 2.5)]));
    // Of the alias alone on its day, and of the user.
    const again = logs(of(ALIAS, 8, { request: 'r1', atMs: DAY_AGO - DAY_MS }), of(ADA, 2, { request: 'r2' }), of(ADA, 4, { session: 's1' }));
    await running.send('ingest', again);
    const day = { day: DAY, dimensions: { team: 'search' } };
    const history = (...users: readonly string[]) => ({
      source: 'litellm',
      adjustments: users.map((user) => ({ id: user, user, cost: '16', ...day })),
    });
    expect(await post('adjustments', history(ALIAS, ADA))).toMatchObject({ body: { appended: 2 } });
    const before = [await spend('organization'), await spend('origin'), await spend('organization', 'requests')];
    const users = Object.values(await spend());
    const sum = users.reduce((all, usd) => all + Number(usd), 0).toFixed(2);
    const merged = await merge({ alias: ALIAS, user: ADA });
    expect(merged.status).toBe(200);
    expect(await spend()).toEqual({ [ADA]: sum });
    const after = async () => [await spend('organization'), await spend('origin'), await spend('organization', 'requests')];
    expect(await after()).toEqual(before);
    await expectSound();
    expect(await post('adjustments', history(ALIAS, ADA))).toMatchObject({ body: { appended: 0, duplicates: 2 } });
    await running.send('ingest', again);
    expect(await after()).toEqual(before);
    await post('adjustments', { source: 'litellm', adjustments: [{ id: 'later', user: ALIAS, cost: '1', ...day }] });
    expect(Object.keys(await spend())).toEqual([ADA]);
    await expectSound();
  },
  TIMEOUT_MS,
);
