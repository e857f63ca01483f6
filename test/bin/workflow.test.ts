/** CI runs what anybody runs, from actions that cannot change, without a secret and without the right to write. */
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { read } from '../support/sources.ts';

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly permissions?: unknown;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> }[];
}

const FILE = '.github/workflows/ci.yaml';
const text = read(FILE);
// Its shape is what this suite checks.
const workflow = parse(text) as { on: Readonly<Record<string, unknown>>; permissions: unknown; jobs: Readonly<Record<string, Job>> };
const jobs = Object.entries(workflow.jobs);
const steps = jobs.flatMap(([, job]) => job.steps);
const commands = steps.flatMap(({ run }) => run ?? []);
const { scripts } = JSON.parse(read('package.json'));

describe('the workflow', () => {
  test('runs the commands of README.md', () => {
    const first = [...read('README.md').matchAll(/^npm run (\w+)/gm)].map(([, name]) => name);
    expect(first.length).toBeGreaterThan(0);
    for (const name of first) expect(commands.map((command) => command.split(' ')[2])).toContain(name);
  });

  test('has no command of its own', () => {
    for (const command of commands) {
      const [npm, verb = '', script = ''] = command.split(' ');
      expect([command, npm, ['ci', 'audit', 'run'].includes(verb)]).toEqual([command, 'npm', true]);
      if (verb === 'run') expect([command, script in scripts]).toEqual([command, true]);
    }
  });

  test('names every action by its commit, with its version beside it', () => {
    const used = text.split('\n').filter((line) => line.includes('uses:'));
    expect(used.length).toBe(steps.filter(({ uses }) => uses !== undefined).length);
    for (const line of used) expect(line).toMatch(/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const versions = new Map(used.map((line) => [line.replace(/.*uses: ([^@]+)@.*/, '$1'), line.replace(/.*@/, '')]));
    expect(new Set(used.map((line) => line.replace(/.*@/, ''))).size).toBe(versions.size);
  });

  test('may read the repository and nothing else, has no secret, and leaves no credentials behind', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(jobs.filter(([, { permissions }]) => permissions !== undefined)).toEqual([]);
    expect(text).not.toMatch(/secrets\.|pull_request_target|workflow_run/);
    for (const { uses, with: settings } of steps)
      if (uses?.startsWith('actions/checkout@')) expect(settings).toEqual({ 'persist-credentials': false });
  });

  test('puts nothing that a stranger writes, such as a title or the name of a branch, into a command', () => {
    expect(commands.filter((command) => command.includes('${{'))).toEqual([]);
  });

  test('ends in any case', () => {
    expect(jobs.filter(([, job]) => !((job['timeout-minutes'] ?? 0) > 0))).toEqual([]);
  });
});
