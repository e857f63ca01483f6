/** GET /api/v1/jobs/{repository}/{about}/{value}, and the comment that `ledgerline export pr-comment` makes of it: figures by hand, who may ask, what is written. */
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { prComment } from '../../collector/cli/pr-comment-text.ts';
import type { Config } from '../../collector/config/config.ts';
import { formatUsd } from '../../collector/core/money.ts';
import type { Entry } from '../../collector/ledger/entry.ts';
import type { JobCostAnswer } from '../../collector/query/job-cost.ts';
import { printed } from '../cli/command.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { event, NOON, usd } from '../support/entries.ts';
import { expectGolden } from '../support/golden.ts';
import { type Problem, startApi, type TestApi } from './support.ts';

const DAY = 86_400_000;
const token = (name: string, more: object = {}) =>
  ({ name, role: 'ingest', sha256: hash('sha256', name), ...more }) as Config['auth']['tokens'][number];
const TOKENS = [
  token('api-ci', { job: 'ci:acme/api/*' }),
  token('web-ci', { job: 'ci:acme/web/nightly' }),
  token('nobody'),
  token('reader', { role: 'read', scope: 'all' }),
  token('search', { role: 'read', scope: { teams: ['search'] } }),
];
const BUDGETS = [
  { name: 'nightly', scope: { job: 'ci:acme/api/nightly' }, amount_usd: '200.00', hard_limit: true },
  { name: 'each', per: 'job', period: 'month', amount_usd: '30.00' },
  { name: 'web', scope: { job: 'ci:acme/web/nightly' }, amount_usd: '5.00' },
  { name: 'platform', scope: { team: 'platform' }, amount_usd: '1000.00' },
];

interface Run {
  readonly job?: string;
  readonly branch?: string;
  readonly pull_request?: string;
  readonly run: string;
}

/** Two records of one session of a run, on two models. */
function runOf(costs: readonly [string, string], { job = 'ci:acme/api/nightly', ...run }: Run, daysAgo = 1): Entry[] {
  return costs.map((cost, index) =>
    event({
      ...{ id: `${run.run} ${index}`, cost, sessionId: `run-${run.run}`, timeMs: NOON - daysAgo * DAY, user: '' },
      amounts: { requests: 2, input_tokens: 100, output_tokens: 50, cache_read_tokens: 300 },
      dimensions: { job, model: index === 0 ? 'claude-opus-5-5' : 'claude-haiku-5-5', user: '', ...run },
    }),
  );
}

const ENTRIES = [
  ...runOf(['10.25', '0.5'], { run: '4711', branch: 'fix/login', pull_request: '12' }),
  ...runOf(['2', '0.25'], { run: '4712', branch: 'fix/login', pull_request: '12', job: 'ci:Acme/API/review' }, 0.5),
  ...runOf(['1', '1'], { run: '1', branch: 'main' }, 30),
  ...runOf(['3', '1'], { run: '2', branch: 'main' }, 20),
  ...runOf(['5', '2'], { run: '3', branch: 'main' }, 10),
  ...runOf(['8', '1'], { run: '4', branch: 'main' }, 5),
  ...runOf(['900', '1'], { run: '0', branch: 'main' }, 120),
  ...runOf(['6', '1'], { run: '5', branch: 'other', pull_request: '11' }, 3),
  ...runOf(['77', '1'], { run: '6', branch: 'fix/login', pull_request: '12', job: 'ci:acme/web/nightly' }, 3),
  ...runOf(['55', '1'], { run: '7', branch: 'fix/login', job: 'ci:acme/api/sub/nightly' }, 3),
];

let api: TestApi;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-comment-'));
  const config = { budgets: BUDGETS, server: { public_url: 'https://ledgerline.example.com' } };
  api = await startApi({ nowMs: NOON, config, authenticate: createAuthenticator(TOKENS, { exposed: true }) });
  await api.append(ENTRIES);
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true });
});

const ask = async ({ repository = 'acme/api', base, budget, ...subject }: Record<string, string>, name = 'reader') => {
  const [about = '', value = ''] = Object.entries(subject)[0] ?? [];
  const query = new URLSearchParams({ ...(base !== undefined && { base }), ...(budget !== undefined && { budget }) });
  const path = ['api', 'v1', 'jobs', repository, about, value].map(encodeURIComponent).join('/');
  return api.get<JobCostAnswer>(`/${path}?${query}`, { authorization: `Bearer ${name}` });
};
const answerTo = async (query: Record<string, string>, name?: string): Promise<JobCostAnswer> => (await ask(query, name)).body;

/** Added up from the entries, without a ledger. */
const costOf = (isOf: (dimensions: Entry['dimensions']) => boolean): string =>
  formatUsd(ENTRIES.filter(({ dimensions }) => isOf(dimensions)).reduce((sum, { cost }) => sum + cost, 0n));

describe('has the figures', () => {
  test('of a branch, of the jobs of its repository alone', async () => {
    const answer = await answerTo({ branch: 'fix/login' });
    const isOf = ({ job = '', branch }: Entry['dimensions']) => branch === 'fix/login' && /^ci:acme\/api\/[^/]+$/i.test(job);
    expect(answer).toMatchObject({
      usage: { cost_usd: costOf(isOf), sessions: 2, requests: 8, tokens: 1800, cache_hit_ratio: 0.75 },
      models: [
        { name: 'claude-opus-5-5', cost_usd: '12.25' },
        { name: 'claude-haiku-5-5', cost_usd: '0.75' },
      ],
      jobs: [
        { name: 'ci:acme/api/nightly', cost_usd: '10.75' },
        { name: 'ci:Acme/API/review', cost_usd: '2.25' },
      ],
      compared: { with: 'branches', count: 1, median_usd: '7.00', change_usd: '6.00', change_ratio: 0.857142 },
    });
  });

  test('of a run, against the median of the runs of the same jobs on the base', async () => {
    // 2, 4, 7 and 9: of the last 90 days.
    expect(await answerTo({ run: '4711' })).toMatchObject({
      usage: { cost_usd: '10.75' },
      compared: { with: 'runs', count: 4, median_usd: '5.50', change_usd: '5.25' },
    });
    expect((await answerTo({ run: '4711', base: 'other' })).compared).toMatchObject({ count: 1, median_usd: '7.00' });
    expect((await answerTo({ run: '4711', base: 'nowhere' })).compared).toBeNull();
    expect((await answerTo({ run: '4712' })).compared).toBeNull();
  });

  test('of a pull request, in any capitals and by the address', async () => {
    for (const repository of ['ACME/api', 'https://github.com/acme/api.git', 'git@github.com:acme/api']) {
      expect(await answerTo({ repository, pull_request: '12' })).toMatchObject({
        ...{ usage: { cost_usd: '13.00' }, compared: { with: 'pull_requests', count: 1, median_usd: '7.00' } },
      });
    }
  });

  test('of nothing, where there is no record', async () => {
    const unseen = { usage: null, models: [], jobs: [], compared: null, budget: null, board: null };
    expect(await answerTo({ branch: 'unseen' })).toMatchObject(unseen);
    expect(await answerTo({ repository: 'acme/nothing', branch: 'fix/login' })).toMatchObject(unseen);
    expect(await answerTo({ repository: 'acme/api/sub', branch: 'fix/login' })).toMatchObject({ usage: { cost_usd: '56.00' } });
  });

  test('of the budget of these jobs that is used up most, or of one by its key', async () => {
    const spent = formatUsd(usd('10.75') + usd('7') + usd('9') + usd('7'));
    const own = { key: 'each/ci:acme/api/nightly', spent, limit: '30.00', remaining: '-3.75', stopped: false };
    expect((await answerTo({ run: '4711' })).budget).toMatchObject(own);
    expect((await answerTo({ run: '4711', budget: 'nightly' })).budget).toMatchObject({
      key: 'nightly',
      remaining: formatUsd(usd('200') - usd(spent)),
    });
    expect((await answerTo({ run: '4711', budget: 'platform' })).budget).toMatchObject({ key: 'platform' });
    expect((await ask({ run: '4711', budget: 'nigthly' })).body).toMatchObject({ nearest: 'nightly' });
  });
});

describe('may be asked', () => {
  test("with the token of a job about its repository, and of its jobs' budgets", async () => {
    expect((await answerTo({ run: '4711', budget: 'nightly' }, 'api-ci')).budget?.key).toBe('nightly');
    expect({ ...(await answerTo({ branch: 'fix/login' }, 'api-ci')), as_of: '' }).toEqual({
      ...(await answerTo({ branch: 'fix/login' })),
      as_of: '',
    });
    for (const budget of ['platform', 'web', 'each/ci:acme/web/nightly', 'none']) {
      const { status, body } = await ask({ run: '4711', budget }, 'api-ci');
      expect([status, (body as unknown as Problem).error.hint]).toEqual([404, 'None is set; docs/budgets.md shows how.']);
    }
  });

  test.each(['web-ci', 'nobody'])('by %s about no other one', async (name) => {
    const { status, text } = await ask({ run: '4711' }, name);
    expect([status, text.includes('10.75')]).toEqual([403, false]);
  });

  test('by a reader within the scope', async () => {
    expect(await answerTo({ run: '4711' }, 'search')).toMatchObject({ usage: null, budget: null });
  });

  test.each([
    [{ commit: 'abc' }, 'about'],
    [{ repository: 'https://github.com/', run: '1' }, 'repository'],
  ])('not as %j', async (query, parameter) => {
    expect(await ask(query)).toMatchObject({ status: 400, body: { parameter } });
  });
});

describe('ledgerline export pr-comment', () => {
  const golden = (name: string): string => join(import.meta.dirname, 'golden', `pr-comment-${name}.md`);
  const comment = async (...words: string[]): Promise<string> => {
    const file = join(folder, 'token');
    writeFileSync(file, 'api-ci', { mode: 0o600 });
    const text = await printed(['export', 'pr-comment', '--repository', 'acme/api', ...words, '--url', api.url, '--token-file', file], { now: NOON });
    return text.replace(/as of [\d: -]+ UTC/, 'as of 2026-11-20 12:00 UTC');
  };

  test.each([
    ['branch', ['--branch', 'fix/login']],
    ['run', ['--run', '4711', '--budget', 'nightly']],
    ['pull-request', ['--pull-request', '12']],
    ['unseen', ['--branch', 'unseen']],
  ])('about a %s', async (name, words) => expectGolden(golden(name), `${await comment(...words)}\n`));

  test('is about one thing', async () => {
    await expect(comment()).rejects.toThrow('None of --branch, --pull-request and --run given.');
    await expect(comment('--run', '1', '--branch', 'main')).rejects.toThrow('Several of --branch, --pull-request and --run given.');
  });

  test('names its own option where the file cannot be written', async () => {
    const file = join(folder, 'none', 'comment.md');
    await expect(comment('--run', '4711', '--output', file)).rejects.toThrow(`--output: cannot write ${file}.`);
  });

  test('writes a file, too', async () => {
    const file = join(folder, 'comment.md');
    expect(await comment('--run', '4711', '-o', file)).toBe('');
    expect(readFileSync(file, 'utf8')).toMatch(/^<!-- ledgerline:acme%2Fapi:run:4711 -->\n\n### Claude Code: \$10\.75\n/);
  });

  test('names nobody, ends no comment and breaks no table, whatever things are called', async () => {
    const answer = await answerTo({ branch: 'fix/login' });
    const evil = 'x --> @acme/everyone\n# `` | <img src=x onerror=alert(1)> ![](https://evil.example) #12';
    const [row] = answer.models;
    const { budget } = await answerTo({ run: '4711' });
    if (row === undefined || budget === null) throw new Error('there is one');
    const models = Array.from({ length: 12 }, () => ({ ...row, name: evil }));
    const text = prComment(
      { ...answer, repository: evil, value: evil, models, jobs: [row, { ...row, name: '`' }], budget: { ...budget, key: evil } },
      evil,
    );
    const [marker = '', ...lines] = text.split('\n');
    expect(marker.split('-->')).toHaveLength(2);
    const outside = lines.join('\n').replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, 'NAME');
    expect(outside).not.toMatch(/@|onerror|!\[|#12|evil|-->/);
    const rows = lines.filter((line) => line.startsWith('|'));
    expect(rows.filter((line) => line.replaceAll('\\|', '').split('|').length !== 6)).toEqual([]);
    expect(rows).toHaveLength(2 + 8 + 1 + 2 + 2);
  });
});
