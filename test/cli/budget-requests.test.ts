/** ledgerline budget request, requests, approve, deny and withdraw: in a data folder, and at a collector with tokens. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProgram } from '../../collector/cli/program.ts';
import { displayWidth } from '../../collector/cli/width.ts';
import { configSchema } from '../../collector/config/config.ts';
import { describeError, LedgerlineError } from '../../collector/core/error.ts';
import { openWriter } from '../../collector/storage/sqlite/ledger-writer.ts';
import { startApi, type TestApi } from '../api/support.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { printed } from './command.ts';

const NOW = NOON + 60_000;
const CONFIG = `
budgets:
  - { name: platform, scope: { team: platform }, amount_usd: "1000.00" }
  - { name: each, scope: { team: platform }, per: user, period: day, amount_usd: "10.00", hard_limit: true }
  - { name: tokens, scope: { team: data }, tokens: { amount: 20000000, classes: [output] } }
`;
const SPEND = [
  event({ id: '1', cost: '12' }),
  event({ id: '2', cost: '3', user: 'zoë.with-a-long-name@example.com', team: 'data', sessionId: 's2' }),
];

const ran = (args: readonly string[], surroundings: object = {}): Promise<string> =>
  printed(['budget', ...args], { now: NOW, ...surroundings }).catch((error: unknown) => {
    if (error instanceof LedgerlineError) return describeError(error);
    throw error;
  });
const golden = (name: string): string => join(import.meta.dirname, 'golden', `budget-${name}.txt`);

describe('in a data folder', () => {
  let folder: string;
  let local: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledgerline-budget-'));
    writeFileSync(join(folder, 'ledgerline.yaml'), CONFIG);
    local = ['--config', join(folder, 'ledgerline.yaml'), '--data', folder];
    const writer = await openWriter({ file: join(folder, 'ledger.sqlite'), timeZone: 'UTC', weekStart: 'monday' });
    await writer.append({ entries: SPEND, receivedMs: NOW });
    await writer.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('every sentence is as it was looked at, at every width', async () => {
    const here = (...args: string[]) => ran([...args, ...local]);
    const said = [
      await here('requests'),
      await here('request', '--by', '5', '--why', 'x'),
      await here('request', '--by', '$5', '--why', 'release week, and the tests that it needs', '--user', 'alice@example.com'),
      await here(
        'request',
        'platform',
        '--by',
        '200',
        '--until',
        '2026-12-24',
        '--why',
        '\u001b[31mred\u001b[0m\nnext line',
        '--user',
        'alice@example.com',
      ),
      await here('request', '--by', '5000000', '--why', 'migration', '--user', 'zoë.with-a-long-name@example.com'),
      await here('request', '--by', '5', '--why', 'x', '--user', 'alice@example.com'),
      await here('request', 'tokens', '--by', '5', '--why', 'x', '--user', 'alice@example.com'),
    ];
    for (const columns of [60, 80, 120]) {
      const text = await ran(['requests', ...local], { columns });
      expectGolden(golden(`requests.${columns}`), text);
      expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(columns);
    }
    said.push(
      await here('approve', '1', '--by', '7.50'),
      await here('approve', '1'),
      await here('deny', '2', '--why', 'next month'),
      await here('withdraw', '3'),
      await here('withdraw', 'x'),
      await here('approve', '99'),
      await here('requests'),
    );
    for (const columns of [60, 80, 120]) {
      const text = await ran(['requests', '--state', 'all', ...local], { columns });
      expectGolden(golden(`requests-all.${columns}`), text.replaceAll(`cli:${userInfo().username}`, 'cli:root'));
    }
    said.push(await here('requests', '--state', 'all', '--csv'));
    expectGolden(golden('request-sentences'), said.join('\n\n').replaceAll(`cli:${userInfo().username}`, 'cli:root'));
  });

  test.each([60, 80, 120])('the help is as it was looked at, at %d columns', async (columns) => {
    let text = '';
    const out = (part: string): void => {
      text += `${part}\n`;
    };
    const program = await createProgram({ out, err: out, env: {}, now: () => 0, color: false, columns });
    const budget = program.commands.find((candidate) => candidate.name() === 'budget');
    for (const name of ['request', 'requests', 'approve', 'deny', 'withdraw']) budget?.commands.find((one) => one.name() === name)?.outputHelp();
    expectGolden(golden(`request-help.${columns}`), text.trimEnd());
  });
});

describe('at a collector', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const { auth } = configSchema.parse({
    auth: {
      tokens: [
        { name: 'alice-laptop', role: 'ingest', user: 'alice@example.com', team: 'platform', sha256: sha256('alice') },
        { name: 'ops', role: 'admin', sha256: sha256('ops') },
      ],
    },
  });
  let api: TestApi;
  beforeAll(async () => {
    const budgets = [{ name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' }];
    api = await startApi({ nowMs: NOW, config: { budgets, auth }, authenticate: createAuthenticator(auth.tokens) });
    await api.append([event({ id: '1', cost: '12' })]);
  });
  afterAll(() => api.stop());

  test('the hook’s own variables are enough to ask, and an admin answers', async () => {
    const env = { LEDGERLINE_URL: api.url, LEDGERLINE_TOKEN: 'alice' };
    const asked = await ran(['request', '--by', '50', '--why', 'a release'], { env });
    expect(asked).toContain('$50.00 more of "platform" until 2026-12-01T00:00Z.');
    const id = /^Request (\d+):/.exec(asked)?.[1] ?? '';
    const admin = { env: { LEDGERLINE_TOKEN: 'ops' } };
    expect(await ran(['approve', id, '--url', api.url], { env: { LEDGERLINE_TOKEN: 'alice' } })).toContain('has the role ingest; admin is needed');
    expect(await ran(['approve', id, '--url', api.url], admin)).toBe(
      '"platform" is raised by $50.00 until 2026-12-01T00:00Z, as alice@example.com asked.',
    );
    expect(await ran(['withdraw', id], { env })).toContain(`Request ${id} was approved by ops`);
    expect(await ran(['request', '--by', '50', '--why', 'x', '--user', 'bob@example.com'], { env })).toContain('may only ask about its own user');
  });
});
