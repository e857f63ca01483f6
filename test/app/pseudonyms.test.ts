/** With pseudonyms, an address that is sent in any attribute is nowhere: not in a file, not in an answer, not in a message. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCollector } from '../../collector/app/collector.ts';
import { LOG_CODES } from '../../collector/catalog/log-codes.ts';
import { DIMENSION_NAMES } from '../../collector/catalog/measures.ts';
import { type Config, configSchema } from '../../collector/config/config.ts';
import { createLogger } from '../../collector/core/logger.ts';
import { claimAttributes } from '../../collector/ingest/attribution/attribution.ts';
import { createPseudonymizer } from '../../collector/ingest/attribution/pseudonym.ts';
import { KNOWN_ATTRIBUTES, RESOURCE_ATTRIBUTES } from '../../collector/ingest/claude-code/known-attributes.ts';
import { type Hook, startHook } from '../alerts/receivers.ts';
import { printed } from '../cli/command.ts';
import { answersOf, filesWith } from '../support/kept.ts';
import { LOG_SETTINGS } from '../support/log.ts';
import { waitFor } from '../support/wait.ts';

const KEY = 'k'.repeat(32);
const SECRET_NAME = /zoe\.?w?(@|%40|_|\uff20)example|zoe-account-77/i;

let folder: string;
let hook: Hook;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledgerline-pseudonyms-'));
  await writeFile(join(folder, 'key'), KEY);
  hook = await startHook();
});
afterAll(async () => {
  await hook.stop();
  await rm(folder, { recursive: true, force: true });
});

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const TIME = `${Date.now()}000000`;

/** One request that says the address in one attribute, as a value of its own, within a text, or encoded. */
function saying(name: string, index: number, address: string) {
  const own = [
    ...[text('event.name', 'api_request'), text('session.id', `s-${index}`), text('request_id', `r-${index}`), text('model', 'claude-opus-5-5')],
    ...[text('user.email', 'Zoe.W@Example.com'), text('user.account_uuid', 'zoe-account-77'), { key: 'cost_usd', value: { doubleValue: 0.5 } }],
  ];
  return [...own.filter(({ key }) => key !== name), text(name, address)];
}

function bodies(config: Config) {
  const names = [...new Set([...KNOWN_ATTRIBUTES, ...RESOURCE_ATTRIBUTES, ...claimAttributes(config.attribution), 'zoew@example.com', 'mine'])];
  const addresses = ['zoe@example.com', 'team of zoe.w@example.com (lead)', 'https://example.org/zoe%40example.com/x', 'of zoe-account-77!'];
  const client = [text('service.name', 'claude-code')];
  const resourceLogs = names.flatMap((name, index) =>
    addresses.map((address, nth) => {
      const attributes = saying(name, index * addresses.length + nth, address);
      const isOfResource = RESOURCE_ATTRIBUTES.has(name) && name !== 'service.name';
      const logRecords = [{ timeUnixNano: TIME, body: { stringValue: 'claude_code.api_request' }, attributes }];
      return {
        resource: { attributes: isOfResource ? [...client, text(name, address)] : client },
        scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events' }, logRecords }],
      };
    }),
  );
  const point = (attributes: object[]) => ({ timeUnixNano: TIME, startTimeUnixNano: TIME, asDouble: 1, attributes });
  const metric = (name: string) => ({
    name,
    sum: {
      aggregationTemporality: 1,
      dataPoints: addresses.map((address) => point([text('type', address), text('user.email', address), text('team', address)])),
    },
  });
  const metrics = ['claude_code.cost.usage', 'claude_code.token.usage', 'claude_code.zoe@example.com'].map(metric);
  const resourceMetrics = [{ resource: { attributes: client }, scopeMetrics: [{ metrics }] }];
  return { logs: { resourceLogs }, metrics: { resourceMetrics } };
}

test('an address in every attribute comes out nowhere', async () => {
  const lines: string[] = [];
  const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const config = configSchema.parse({
    ...{ data: join(folder, 'data'), server: ports, attribution: { pseudonymize: true, pseudonym_key_file: join(folder, 'key') } },
    budgets: [
      { name: 'people', per: 'user', period: 'month', amount_usd: '0.10' },
      { name: 'teams', per: 'team', period: 'month', amount_usd: '0.10' },
    ],
    alerts: { deliver: true, interval_seconds: 1, channels: [{ name: 'hook', type: 'webhook', url: hook.url }] },
  });
  const log = createLogger(LOG_CODES, LOG_SETTINGS, (line) => void lines.push(line));
  const collector = await startCollector(config, { log, logSettings: LOG_SETTINGS });
  const send = (path: string, body: object): Promise<Response> =>
    fetch(`http://127.0.0.1:${collector.ports.otlpHttp}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { logs, metrics } = bodies(config);
  expect([(await send('/v1/logs', logs)).status, (await send('/v1/metrics', metrics)).status]).toEqual([200, 200]);
  await send('/v1/logs/zoe@example.com', {});
  await waitFor('a message', () => hook.received.length > 0);
  const api = `http://127.0.0.1:${collector.ports.api}`;
  const answers = await answersOf(api, DIMENSION_NAMES);
  const exposed = await (await fetch(`http://127.0.0.1:${collector.ports.metrics}/metrics`)).text();
  const backup = join(folder, 'copy.sqlite');
  await writeFile(join(folder, 'l.yaml'), `data: ${config.data}\n`);
  await printed(['backup', backup, '--config', join(folder, 'l.yaml')]);
  const shown = answers.filter(({ text: body }) => SECRET_NAME.test(body)).map(({ path }) => path);
  const posted = hook.received.filter(({ body }) => SECRET_NAME.test(body));
  // Some files are written every ten seconds and at the end.
  const keptMeanwhile = filesWith(folder, SECRET_NAME);
  await collector.stop();
  const kept = [...new Set([...keptMeanwhile, ...filesWith(folder, SECRET_NAME)])];
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect({ shown, posted, kept, logged: lines.filter((line) => SECRET_NAME.test(line)) }).toEqual({ shown: [], posted: [], kept: [], logged: [] });
  expect(exposed.split('\n').filter((line) => SECRET_NAME.test(line))).toEqual([]);
  // And it is the pseudonym that stands there.
  const pseudonym = createPseudonymizer(Buffer.from(KEY))('zoe@example.com');
  expect(answers.find(({ path }) => path === '/api/v1/spend?by=team')?.text).toContain(pseudonym);
});
