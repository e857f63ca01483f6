import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type SupervisedWorker, superviseWorker } from '../../../collector/core/supervised-worker.ts';
import type { Protocol, WorkerDefinition } from '../../../collector/core/worker-rpc.ts';
import { waitFor } from '../../support/wait.ts';

let folder: string;
let supervised: SupervisedWorker | undefined;
const lines: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledgerline-supervised-'));
  lines.length = 0;
});
afterEach(async () => {
  await supervised?.stop();
  supervised = undefined;
  rmSync(folder, { recursive: true });
});

/** Ends by itself as soon as the file "end" is there, and cannot start while "broken" is. */
const worker = (): WorkerDefinition<Protocol> => ({
  ...{ url: new URL('./mortal-worker.ts', import.meta.url), name: 'test', options: folder, answers: {} },
});
const log = (code: string, message: string): unknown => lines.push(`${code}: ${message}`);
const touch = (name: string): void => writeFileSync(join(folder, name), '');
const forget = (name: string): void => rmSync(join(folder, name));

test('starts a worker again that ended, says both, and has a sentence for readiness meanwhile', async () => {
  supervised = await superviseWorker(worker(), { consequence: 'Nobody is warned', log, againMs: 500 });
  expect(supervised.trouble()).toBeUndefined();
  touch('end');
  await waitFor('the end', () => lines.length === 1);
  expect(supervised.trouble()).toBe('Nobody is warned: The test thread ended. It restarts in 0.5 s.');
  forget('end');
  await waitFor('the restart', () => lines.length === 2);
  expect(supervised.trouble()).toBeUndefined();
  expect(lines).toEqual([
    'thread_ended: Nobody is warned: The test thread ended. It restarts in 0.5 s.',
    'thread_restarted: The test thread is running again.',
  ]);
});

test('waits twice as long before each further attempt', async () => {
  supervised = await superviseWorker(worker(), { consequence: 'Nobody is warned', log, againMs: 20 });
  touch('broken');
  touch('end');
  await waitFor('three attempts', () => lines.length >= 3);
  const again = lines.slice(0, 3).map((line) => / in (\S+) s\./.exec(line)?.[1]);
  expect(again).toEqual(['0.02', '0.04', '0.08']);
  expect(lines[1]).toContain('The data cannot be read.');
});

test('does not run, and rejects, when the first start fails', async () => {
  touch('broken');
  await expect(superviseWorker(worker(), { consequence: 'Nobody is warned', log })).rejects.toMatchObject({ hint: 'Repair it.' });
  expect(lines).toEqual([]);
});

test('stops while the worker does not run, and starts it no more', async () => {
  supervised = await superviseWorker(worker(), { consequence: 'Nobody is warned', log, againMs: 60_000 });
  touch('end');
  await waitFor('the end', () => lines.length === 1);
  await Promise.all([supervised.stop(), supervised.stop()]);
  expect(lines).toHaveLength(1);
});
