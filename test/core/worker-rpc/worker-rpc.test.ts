/** On real threads. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Protocol, type RunningWorker, startWorker, type WorkerDefinition } from '../../../collector/core/worker-rpc.ts';
import { waitFor } from '../../support/wait.ts';
import type { TestOptions, TestProtocol } from './protocol.ts';

const open: RunningWorker<TestProtocol>[] = [];
afterEach(async () => {
  await Promise.allSettled(open.splice(0).map((worker) => worker.close()));
});

async function startTestWorker(
  options: TestOptions = { start: 'ready' },
  more: Partial<WorkerDefinition<TestProtocol>> = {},
): Promise<RunningWorker<TestProtocol>> {
  const url = new URL('./worker.ts', import.meta.url);
  const worker = await startWorker<TestProtocol>({ url, name: 'test', options, answers: { double: (value) => 2 * value }, ...more });
  open.push(worker);
  return worker;
}

describe('a start', () => {
  test('resolves with what the worker says when it is ready', async () => {
    expect((await startTestWorker()).ready).toEqual({ port: 8484 });
  });

  test('that fails rejects with the error of the worker: code, message, hint and cause', async () => {
    await expect(startTestWorker({ start: 'failed' })).rejects.toMatchObject({
      ...{ code: 'unavailable', message: 'The port is taken.', hint: 'Choose another.' },
      cause: expect.objectContaining({ message: 'EADDRINUSE' }),
    });
  });

  test('that fails as nobody thought of is internal, and keeps the words for the log', async () => {
    await expect(startTestWorker({ start: 'throws' })).rejects.toMatchObject({
      code: 'internal',
      cause: expect.objectContaining({ name: 'TypeError', message: 'nobody thought of this', stack: expect.stringContaining('worker.ts') }),
    });
  });

  test('rejects when the thread ends before it is ready', async () => {
    await expect(startTestWorker({ start: 'exits' })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The test thread ended while it was starting.',
    });
  });

  test('rejects when the file of the worker cannot be loaded', async () => {
    await expect(startTestWorker({ start: 'ready' }, { url: new URL('./no-such-file.ts', import.meta.url) })).rejects.toMatchObject({
      message: 'The test thread ended while it was starting.',
      cause: expect.objectContaining({ message: expect.stringContaining('no-such-file.ts') }),
    });
  });
});

describe('requests', () => {
  test('carry arguments and answers, in both directions', async () => {
    const worker = await startTestWorker();
    expect(await Promise.all([worker.request('add', 1, 2n), worker.request('doubled', 21)])).toEqual([3n, 42]);
  });

  test('that are refused reject with code, message, hint and the chain of causes', async () => {
    const worker = await startTestWorker();
    await expect(worker.request('refuse')).rejects.toMatchObject({
      ...{ name: 'LedgerlineError', code: 'too_large', message: 'There is too much of it.', hint: 'Send less.' },
      cause: expect.objectContaining({ message: 'outer', cause: expect.objectContaining({ message: 'inner' }) }),
    });
  });

  test('that the parent refuses reject in the worker, which hands it on', async () => {
    const double = (): number => {
      throw new Error('not today');
    };
    const worker = await startTestWorker({ start: 'ready' }, { answers: { double } });
    await expect(worker.request('doubled', 1)).rejects.toMatchObject({ code: 'internal', cause: expect.objectContaining({ message: 'not today' }) });
  });

  test('whose answer cannot be copied reject, and the thread goes on', async () => {
    const worker = await startTestWorker();
    await expect(worker.request('unclonable')).rejects.toMatchObject({ code: 'internal' });
    expect(await worker.request('add', 1, 1n)).toBe(2n);
  });

  test.each(['exit', 'crash'] as const)('that wait when the thread ends (%s) reject, and so do later ones', async (how) => {
    const worker = await startTestWorker();
    const waiting = worker.request('never');
    worker.request(how).catch(() => undefined);
    const message = how === 'exit' ? 'The test thread ended.' : 'The test thread failed.';
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', message });
    await expect(worker.request('add', 1, 1n)).rejects.toMatchObject({ code: 'unavailable', message });
    const lost = await worker.lost;
    expect(lost.message).toBe(message);
    expect(lost.cause).toEqual(how === 'exit' ? undefined : expect.objectContaining({ message: 'beyond' }));
  });
});

test('posts go both ways, in order', async () => {
  const posts: string[] = [];
  const worker = await startTestWorker({ start: 'ready' }, { onPost: (message) => posts.push(message) });
  for (const message of ['one', 'two', 'three']) worker.post(message);
  await waitFor('the posts', () => posts.length === 3);
  expect(posts).toEqual(['one!', 'two!', 'three!']);
});

describe('closing', () => {
  test('ends the thread, twice is once, and it is not lost', async () => {
    const worker = await startTestWorker();
    const waiting = worker.request('never');
    waiting.catch(() => undefined);
    await Promise.all([worker.close(), worker.close()]);
    await worker.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', message: 'The test thread ended.' });
    expect(await Promise.race([worker.lost, worker.ended.then(() => 'ended')])).toBe('ended');
  });

  test('a thread that is already gone', async () => {
    const worker = await startTestWorker();
    worker.request('exit').catch(() => undefined);
    await worker.lost;
    await worker.close();
  });

  test('a worker that does not answer is ended after the time it gets', async () => {
    const worker = await startTestWorker({ start: 'ready', close: 'never' }, { closeMs: 100 });
    await worker.close();
    expect((await worker.ended).message).toBe('The test thread ended.');
  });

  test('rejects when the worker could not close in order, and the thread is gone all the same', async () => {
    const worker = await startTestWorker({ start: 'ready', close: 'fails' });
    await expect(worker.close()).rejects.toMatchObject({ message: 'The file cannot be closed.' });
    await worker.ended;
  });
});

test('a worker that takes more memory than it may have ends, and the process does not', async () => {
  const url = new URL('./greedy-worker.ts', import.meta.url);
  const worker = await startWorker<Protocol>({ url, name: 'greedy', options: undefined, answers: {}, heapMb: 64 });
  expect(await worker.lost).toMatchObject({ message: 'The greedy thread failed.', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } });
});
