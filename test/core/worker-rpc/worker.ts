import { LedgerlineError } from '../../../collector/core/error.ts';
import { serveWorker, type WorkerParent, type WorkerService } from '../../../collector/core/worker-rpc.ts';
import type { TestOptions, TestProtocol } from './protocol.ts';

const forever = (): Promise<never> => new Promise(() => undefined);

function start({ start: how, close }: TestOptions, parent: WorkerParent<TestProtocol>): WorkerService<TestProtocol> | Promise<never> {
  if (how === 'failed') throw new LedgerlineError('unavailable', 'The port is taken.', { hint: 'Choose another.', cause: new Error('EADDRINUSE') });
  if (how === 'throws') throw new TypeError('nobody thought of this');
  if (how === 'exits') process.exit(7);
  if (how === 'never') return forever();
  return {
    ready: { port: 8484 },
    answers: {
      add: (one, other) => BigInt(one) + other,
      doubled: (value) => parent.request('double', value),
      refuse: () => {
        throw new LedgerlineError('too_large', 'There is too much of it.', { hint: 'Send less.', cause: new Error('outer', { cause: 'inner' }) });
      },
      unclonable: () => () => undefined,
      never: forever,
      exit: () => process.exit(7),
      crash: () => void setImmediate(() => nowhere()),
    },
    onPost: (message) => parent.post(`${message}!`),
    close: () => {
      if (close === 'fails') throw new LedgerlineError('internal', 'The file cannot be closed.');
      return close === 'never' ? forever() : undefined;
    },
  };
}

function nowhere(): never {
  throw new RangeError('beyond');
}

void serveWorker<TestProtocol>(start);
