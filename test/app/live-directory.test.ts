/** A running collector attributes what it receives by the directory as it is: a changed file, and what came over SCIM, without a restart. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { configSchema } from '../../collector/config/config.ts';
import { silentLog } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledgerline-live-directory-'));
let collector: Collector | undefined;
afterEach(async () => {
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tokens = ['scim', 'ingest', 'read'].map((role) => ({ name: role, role, sha256: createHash('sha256').update(`t-${role}`).digest('hex') }));
const bearer = (role: string) => ({ authorization: `Bearer t-${role}`, 'content-type': 'application/json' });

test('a changed file and SCIM should count from the next record on', async () => {
  const file = join(folder, 'directory.yaml');
  writeFileSync(file, 'people: { bob@example.com: { team: search } }');
  const config = configSchema.parse({
    data: join(folder, 'data'),
    server: { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 },
    attribution: { directory_file: file },
    directory: { feeds: [{ type: 'scim' }] },
    auth: { tokens },
  });
  collector = await startCollector(config, silentLog());
  const { otlpHttp, api } = collector.ports;
  let sent = 0;
  /** The team that the next record of the user is booked on. */
  const teamNow = async (user: string): Promise<string | undefined> => {
    const session = `session-${sent++}`;
    const attributes = Object.entries({
      ...{ 'event.name': 'api_request', 'session.id': session, 'user.email': user, model: 'claude-opus-5-5', cost_usd: '0.5', request_id: session },
    }).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const record = { timeUnixNano: String(BigInt(Date.now()) * 1_000_000n), body: { stringValue: 'claude_code.api_request' }, attributes };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'claude-code' } }] };
    const body = JSON.stringify({
      resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events' }, logRecords: [record] }] }],
    });
    const answer = await fetch(`http://127.0.0.1:${otlpHttp}/v1/logs`, { method: 'POST', headers: bearer('ingest'), body });
    expect([answer.status, await answer.text()]).toEqual([200, '{}']);
    const read = await fetch(`http://127.0.0.1:${api}/api/v1/sessions/${session}`, { headers: bearer('read') });
    return ((await read.json()) as { team?: string }).team;
  };
  const scim = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${api}/scim/v2${path}`, { method: 'POST', headers: bearer('scim'), body: JSON.stringify(body) });
    return String(((await answer.json()) as { id?: string }).id);
  };
  expect([await teamNow('bob@example.com'), await teamNow('ada@example.com')]).toEqual(['search', 'unallocated']);
  const ada = await scim('/Users', { userName: 'ada@example.com' });
  await scim('/Groups', { displayName: 'Platform', members: [{ value: ada }] });
  await waitFor('SCIM counts', async () => (await teamNow('ada@example.com')) === 'Platform');
  writeFileSync(file, 'people: { bob@example.com: { team: data } }');
  await waitFor('the file counts', async () => (await teamNow('bob@example.com')) === 'data');
  writeFileSync(file, 'people: { bob@example.com: [');
  const shown = await fetch(`http://127.0.0.1:${api}/api/v1/directory/users/ada%40example.com`, { headers: bearer('read') });
  expect(await shown.json()).toMatchObject({ team: 'Platform', feeds: ['scim'] });
}, 240_000);
