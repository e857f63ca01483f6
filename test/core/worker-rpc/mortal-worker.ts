/** See supervised-worker.test.ts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LedgerlineError } from '../../../collector/core/error.ts';
import { type Protocol, serveWorker } from '../../../collector/core/worker-rpc.ts';

void serveWorker<Protocol>((folder) => {
  const has = (name: string): boolean => existsSync(join(String(folder), name));
  if (has('broken')) throw new LedgerlineError('invalid', 'The data cannot be read.', { hint: 'Repair it.' });
  setInterval(() => has('end') && process.exit(1), 5);
  return { ready: undefined, answers: {}, close: () => undefined };
});
