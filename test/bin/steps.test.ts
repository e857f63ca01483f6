import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROJECT } from '../support/sources.ts';

const steps = join(PROJECT, 'bin/steps.mjs');
const reports = join(PROJECT, 'bin/jest-report.mjs');

/** A report of jest, as far as the account reads it. */
const report = (...testResults: readonly object[]) => ({ numPassedTests: 5, testResults });
const file = (name: string, assertionResults: readonly object[], more: object = {}) => ({
  name: join(PROJECT, name),
  status: 'passed',
  message: '',
  assertionResults,
  ...more,
});

describe('npm run verify', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledgerline-steps-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Runs these steps (JavaScript) as verify does. */
  async function run(list: string): Promise<{ readonly code: unknown; readonly lines: readonly string[] }> {
    const script = [
      `import { runSteps } from ${JSON.stringify(steps)};`,
      `import { countTests, merge } from ${JSON.stringify(reports)};`,
      `await runSteps(${list});`,
    ].join('\n');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => printed.push(chunk));
    const [code] = await once(child, 'close');
    return { code, lines: printed.join('').trimEnd().split('\n') };
  }

  async function account(code: number | null, content: object | undefined): Promise<{ readonly code: unknown; readonly lines: readonly string[] }> {
    const path = join(folder, 'report.json');
    if (content === undefined) await rm(path, { force: true });
    else await writeFile(path, JSON.stringify(content));
    return run(`[{ title: 'tests', run: () => countTests(${code}, ${JSON.stringify(path)}) }]`);
  }

  test('goes on after a failure, and its last line counts everything', async () => {
    const { code, lines } = await run(`[
      { title: 'first', run: () => ({ passed: 0, failures: ['broken'], skips: [] }) },
      { title: 'second', run: () => ({ passed: 41, failures: [], skips: [{ count: 3, what: 'no chromium' }] }) },
      { title: 'third', run: () => ({ passed: 1, failures: [], skips: [] }) },
    ]`);
    expect(code).toBe(1);
    expect(lines).toEqual(expect.arrayContaining(['failed: first: broken', 'skipped (3): no chromium']));
    expect(lines.at(-1)).toBe('42 passed, 1 failed, 3 skipped');
  });

  test('succeeds when nothing failed, also with tests skipped', async () => {
    const skipped = file('test/a.test.ts', [
      { status: 'pending', fullName: 'the rules [skipped: no promtool] fire' },
      { status: 'pending', fullName: 'the rules [skipped: no promtool] resolve' },
    ]);
    const { code, lines } = await account(0, report(skipped));
    expect(code).toBe(0);
    expect(lines).toContain('skipped (2): test/a.test.ts: the rules [skipped: no promtool]');
    expect(lines.at(-1)).toBe('5 passed, 0 failed, 2 skipped');
  });

  test('names each failed test, and a file that could not be loaded or cleared away', async () => {
    const { code, lines } = await account(
      1,
      report(
        file('test/b.test.ts', [{ status: 'failed', fullName: 'money never vanishes' }], { status: 'failed' }),
        file('test/c.test.ts', [], { status: 'failed', message: '  ● Test suite failed to run\n\n    SyntaxError: oh\n  at …' }),
        file('test/d.test.ts', [{ status: 'passed', fullName: 'all is well' }], { status: 'failed', message: 'ENOTEMPTY: /tmp/d' }),
      ),
    );
    expect(code).toBe(1);
    expect(lines).toEqual(
      expect.arrayContaining([
        'failed: tests: test/b.test.ts: money never vanishes',
        'failed: tests: test/c.test.ts: SyntaxError: oh',
        'failed: tests: test/d.test.ts: ENOTEMPTY: /tmp/d',
      ]),
    );
    expect(lines.at(-1)).toBe('5 passed, 3 failed, 0 skipped');
  });

  test.each([
    [1, undefined, 'failed: tests: jest ended with exit code 1 and without a report'],
    [1, report(), 'failed: tests: jest ended with exit code 1'],
    [null, report(), 'failed: tests: jest did not end: something was left running'],
  ])('takes exit code %p with the report %p for a failure', async (exit, content, line) => {
    const { code, lines } = await account(exit, content);
    expect(code).toBe(1);
    expect(lines).toContain(line);
  });

  const broken = (name: string) => file(name, [{ status: 'failed', fullName: 'it lasts' }], { status: 'failed' });

  test.each([
    ['a few files', 1, 3, 3],
    ['more than that', 1, 4, 0],
    ['a few files, when something was left running', null, 3, 0],
  ])('is worth a second run: %s', async (_, exit, files, again) => {
    const path = join(folder, 'again.json');
    await writeFile(path, JSON.stringify(report(...Array.from({ length: files }, (_, index) => broken(`test/${index}.test.ts`)))));
    const { lines } = await run(
      `[{ title: countTests(${exit}, ${JSON.stringify(path)}).again.length, run: () => ({ passed: 0, failures: [], skips: [] }) }]`,
    );
    expect(lines).toContain(`── ${again}`);
  });

  test('names what passed at the second attempt, and what failed twice has failed', async () => {
    const { code, lines } = await run(`[{ title: 'tests', run: () => merge(
      { passed: 5, failures: ['a: it waits', 'a: it counts'], skips: [{ count: 1, what: 'no fish' }] },
      { isWhole: true, passed: 3, failures: ['a: it counts'], skips: [] },
    ) }]`);
    expect(code).toBe(1);
    expect(lines).toEqual(
      expect.arrayContaining(['passed at the second attempt: a: it waits', 'failed: tests: a: it counts', 'skipped (1): no fish']),
    );
    expect(lines.at(-1)).toBe('6 passed, 1 failed, 1 skipped');
  });

  test('takes a second run that broke off for no proof', async () => {
    const { lines } = await run(`[{ title: 'tests', run: () => merge(
      { passed: 5, failures: ['a: it waits'], skips: [] },
      countTests(1, 'no such report'),
    ) }]`);
    expect(lines).toContain('failed: tests: a: it waits');
    expect(lines.at(-1)).toBe('5 passed, 2 failed, 0 skipped');
  });
});
