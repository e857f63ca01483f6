/** Every sentence that the scripts themselves say, whole. Those of the collector are in test/guard/. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ClosedPort, closedPort } from '../../support/closed-port.ts';
import { expectGolden } from '../../support/golden.ts';
import { Cache, CLIENT, hook, runScript } from './hook.ts';
import { inputOf } from './samples.ts';
import { type Reply, STOP, type StandIn, standIn } from './stand-in.ts';

let collector: StandIn;
let nowhere: ClosedPort;
beforeAll(async () => {
  collector = await standIn();
  nowhere = await closedPort();
});
afterAll(async () => {
  nowhere.release();
  await collector.stop();
});
let cache: Cache;
beforeEach(() => {
  cache = new Cache();
});
afterEach(() => cache.remove());

interface Case {
  readonly event?: string;
  readonly reply?: Reply;
  readonly env?: Readonly<Record<string, string>>;
  /** The session has this answer, so many seconds old. */
  readonly last?: { readonly reply: Reply; readonly age: number };
  readonly input?: string;
}

const CLOSED = { LEDGERLINE_GUARD_ON_FAILURE: 'closed' };
const CONTACT = { LEDGERLINE_GUARD_CONTACT: '#ask-platform' };
const AWAY = { LEDGERLINE_URL: 'http://127.0.0.1:NOWHERE' };

const CASES: Readonly<Record<string, Case>> = {
  'open, away': { env: AWAY },
  'open, token refused': { reply: { status: 401 }, env: CONTACT },
  'open, token may not ask': { reply: { status: 403 } },
  'open, token refused, last answer stops': { reply: { status: 401 }, last: { reply: STOP, age: 125 } },
  'open, away, last answer stops': { env: AWAY, last: { reply: STOP, age: 610 } },
  'closed, away': { env: { ...CLOSED, ...AWAY } },
  'closed, away, with a contact': { env: { ...CLOSED, ...AWAY, ...CONTACT } },
  'closed, away, contact with a quote': { env: { ...CLOSED, ...AWAY, LEDGERLINE_GUARD_CONTACT: '"ops"' } },
  'closed, away, address with a password': { env: { ...CLOSED, LEDGERLINE_URL: 'http://user:password@127.0.0.1:NOWHERE' } },
  'closed, away, last answer too old': { env: { ...CLOSED, ...AWAY }, last: { reply: STOP, age: 7200 } },
  'closed, away, compaction': { event: 'PreCompact', env: { ...CLOSED, ...AWAY } },
  'closed, away, change of model': { event: 'PreModelSwitch', env: { ...CLOSED, ...AWAY } },
  'closed, away, session start': { event: 'SessionStart', env: { ...CLOSED, ...AWAY } },
  'closed, HTTP 503': { reply: { status: 503 }, env: CLOSED },
  'closed, HTTP 404': { reply: { status: 404 }, env: CLOSED },
  'closed, a page instead of an answer': { reply: { body: '<html>' }, env: CLOSED },
  'closed, token refused': { reply: { status: 401 }, env: CLOSED },
  'closed, no address': { env: { ...CLOSED, LEDGERLINE_URL: '' } },
  'closed, address without a scheme': { env: { ...CLOSED, LEDGERLINE_URL: 'ledgerline.example.com' } },
  'closed, address with a quote': { env: { ...CLOSED, LEDGERLINE_URL: 'https://x"y' } },
  'closed, token with a space': { env: { ...CLOSED, LEDGERLINE_TOKEN: 'a b' } },
  'closed, input unreadable': { env: CLOSED, input: 'nonsense' },
};

async function said({ event = 'UserPromptSubmit', reply = STOP, env = {}, last, input }: Case): Promise<string> {
  const common = { LEDGERLINE_URL: collector.url, LEDGERLINE_CACHE_DIR: cache.folder };
  if (last !== undefined) {
    collector.reply = last.reply;
    await hook(inputOf(event), { env: common });
    cache.age(last.age);
  }
  collector.reply = reply;
  const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace('NOWHERE', String(nowhere.port))]));
  const { out, err } = await hook(input ?? inputOf(event), { env: { ...common, ...own } });
  return (out + err).replaceAll(`127.0.0.1:${nowhere.port}`, 'ledgerline.example.com').replaceAll(collector.url, 'https://ledgerline.example.com');
}

test.each(Object.entries(CASES))('%s', async (name, given) => {
  const text = await said(given);
  for (const line of text.split('\n').filter((part) => part !== '')) expect(JSON.parse(line)).toEqual(expect.any(Object));
  expectGolden(join(import.meta.dirname, 'golden', `${name.replaceAll(/[^\w]+/g, '-')}.txt`), text);
});

test('of the wrapper', async () => {
  collector.reply = STOP;
  const env = { LEDGERLINE_URL: collector.url, LEDGERLINE_CACHE_DIR: cache.folder };
  const client = join(cache.folder, 'client');
  writeFileSync(client, inputOf('UserPromptSubmit'));
  const before = await runScript(join(CLIENT, 'run.sh'), ['--', 'true'], '', { env });
  collector.reply = { body: '{}' };
  const blocked = `LEDGERLINE_GUARD_ON_FAILURE=closed LEDGERLINE_URL='' sh ${CLIENT}/guard.sh <${client}`;
  const within = await runScript(join(CLIENT, 'run.sh'), ['--', 'sh', '-c', blocked], '', { env });
  const usage = await runScript(join(CLIENT, 'run.sh'), [], '', { env });
  expect([before.code, within.code, usage.code]).toEqual([75, 75, 2]);
  expectGolden(join(import.meta.dirname, 'golden', 'wrapper.txt'), before.err + within.err + usage.err);
});
