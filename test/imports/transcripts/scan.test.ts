import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readLines } from '../../../collector/imports/transcripts/lines.ts';
import { createRepositories } from '../../../collector/imports/transcripts/repository.ts';
import { transcriptRoots } from '../../../collector/imports/transcripts/roots.ts';
import { type ScanOptions, scanTranscripts } from '../../../collector/imports/transcripts/scan.ts';
import { ImportState } from '../../../collector/imports/transcripts/state.ts';
import { line, prompt } from './lines.ts';

const NOW = Date.parse('2026-11-20T18:00:00Z');
const OLD = new Date('2026-11-20T13:00:00Z');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-transcripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, ...lines: readonly string[]): string {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, `${lines.join('\n')}\n`);
  utimesSync(whole, OLD, OLD);
  return whole;
}

const scan = (options: Partial<ScanOptions> = {}) => scanTranscripts({ paths: [folder], nowMs: NOW, ...options });
const request = (number: number, more: object = {}) => line({ requestId: `req_${number}`, message: { id: `msg_${number}` }, ...more });

describe('transcripts', () => {
  test('are found in every layout, once, and links that lead in a circle are followed once', async () => {
    file('slug/session-1.jsonl', request(1));
    file('slug/session-1/subagents/agent-a.jsonl', request(2, { isSidechain: true }));
    file('slug/session-1/subagents/agent-a.meta.json', '{"agentType":"general-purpose"}');
    file('slug/session-1/subagents/workflows/wf_1/agent-b.jsonl', request(3, { isSidechain: true, attributionAgent: 'reviewer' }));
    file('slug/notes.txt', request(4));
    symlinkSync(folder, join(folder, 'slug', 'circle'));
    symlinkSync(join(folder, 'slug', 'session-1.jsonl'), join(folder, 'again.jsonl'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken'));
    const found = await scan();
    expect(found.requests.map(({ requestId, agent }) => [requestId, agent])).toEqual([
      ['req_1', undefined],
      ['req_2', 'general-purpose'],
      ['req_3', 'reviewer'],
    ]);
    expect([found.files, found.unreadable]).toEqual([3, [join(folder, 'broken')]]);
  });

  test('that are not there are named, but for the usual places', async () => {
    const paths = [join(folder, 'gone')];
    expect([(await scan({ paths })).unreadable, (await scan({ paths, areUsual: true })).unreadable]).toEqual([paths, []]);
  });

  test('lines that cannot be read are counted and named, and the others are read', async () => {
    const path = file('a.jsonl', prompt(), request(1), request(2).slice(0, 150), request(3, { timestamp: '' }), request(4));
    const found = await scan();
    expect(found.requests).toHaveLength(2);
    expect([found.lines, found.skipped]).toEqual([5, { other: 1, broken: 1, no_time: 1 }]);
    expect(found.broken).toEqual([`${path}:3`, `${path}:4`]);
  });

  test('a line that is too long is left out without being kept', async () => {
    const path = file('a.jsonl', 'short', 'x'.repeat(200_000), '', 'after');
    const lines: (string | undefined)[] = [];
    for await (const text of readLines(path, 200_012, 1_000)) lines.push(text);
    expect(lines).toEqual(['short', undefined, '', 'after'.slice(0, 4)]);
  });

  test('what is still being written waits: the newest request of its file alone', async () => {
    const path = file('a.jsonl', request(1), request(2));
    utimesSync(path, new Date(NOW - 60_000), new Date(NOW - 60_000));
    const found = await scan();
    expect([found.requests.length, found.unfinished, found.settled]).toEqual([1, 1, []]);
    const later = await scan({ nowMs: NOW + 3_600_000 });
    expect([later.requests.length, later.unfinished, later.settled.length]).toEqual([2, 0, 1]);
  });

  test('are read up to where they were when they were found', async () => {
    const path = file('a.jsonl', request(1), request(2));
    const found = await scan({ progress: () => appendFileSync(path, `${request(3)}\n`) });
    expect([found.requests.map(({ requestId }) => requestId), found.unfinished]).toEqual([['req_1'], 1]);
  });

  test('are chosen by the time of requests', async () => {
    file('a.jsonl', request(1), request(2, { timestamp: '2026-11-21T00:00:00Z' }), request(3, { timestamp: '2026-11-22T00:00:00Z' }));
    const found = await scan({ fromMs: Date.parse('2026-11-21T00:00:00Z'), toMs: Date.parse('2026-11-22T00:00:00Z') });
    expect([found.requests.map(({ requestId }) => requestId), found.outside, found.settled]).toEqual([['req_2'], 2, []]);
  });

  test('that were sent are not read again until they change, also after a restart', async () => {
    const path = file('a.jsonl', request(1));
    const state = ImportState.open(join(folder, 'state', 'state.json'));
    const first = await scan({ isKnown: (one) => state.knows(one) });
    state.note(first.requests);
    state.noteFiles(first.settled);
    await state.save();
    expect(statSync(state.path).mode & 0o777).toBe(0o600);
    const again = ImportState.open(state.path);
    expect((await scan({ isKnown: (one) => again.knows(one) })).filesKnown).toBe(1);
    appendFileSync(path, `${request(2)}\n`);
    utimesSync(path, OLD, OLD);
    const grown = await scan({ isKnown: (one) => again.knows(one) });
    expect(grown.requests.map((one) => again.hasSent(one))).toEqual([true, false]);
    writeFileSync(state.path, '{"form":1,"sent":');
    const forgotten = ImportState.open(state.path);
    expect(grown.requests.map((one) => forgotten.hasSent(one))).toEqual([false, false]);
  });

  test.each([
    [{}, ['/srv/dev/.config/claude/projects', '/srv/dev/.claude/projects']],
    [{ XDG_CONFIG_HOME: '/etc/xdg' }, ['/etc/xdg/claude/projects', '/srv/dev/.claude/projects']],
    [{ CLAUDE_CONFIG_DIR: '/a, /b/projects' }, ['/a/projects', '/b/projects']],
  ])('lie where the client keeps them: %j', (env, roots) => expect(transcriptRoots(env, '/srv/dev')).toEqual(roots));
});

describe('the repository of a folder', () => {
  const git = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const config = (url: string): string =>
    `[core]\n\tbare = false\n[remote "fork"]\n\turl = https://example.com/fork\n[remote "origin"]\n\turl = ${url}\n`;

  test('is that of the remote origin, without credentials, from any folder in it', () => {
    git('api/.git/config', config('https://bob:secret@github.com/acme/api.git'));
    expect(createRepositories()(join(folder, 'api', 'src', 'gone'))).toBe('https://github.com/acme/api');
  });

  test('is found from a worktree', () => {
    git('api/.git/config', config('git@github.com:acme/api.git'));
    git('api/.git/worktrees/w/commondir', '../..\n');
    git('w/.git', `gitdir: ${join(folder, 'api/.git/worktrees/w')}\n`);
    expect(createRepositories()(join(folder, 'w'))).toBe('github.com:acme/api');
  });

  test('is none without a remote, of a path, or where nothing is left', () => {
    git('api/.git/config', '[core]\n\tbare = false\n');
    git('local/.git/config', config('../elsewhere'));
    const repositoryOf = createRepositories();
    expect(['api', 'local', 'gone'].map((name) => repositoryOf(join(folder, name)))).toEqual([undefined, undefined, undefined]);
    expect(repositoryOf('relative')).toBeUndefined();
  });
});
