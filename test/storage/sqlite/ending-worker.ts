/** A writer that is ready, and gone at once. */
import { serveWorker } from '../../../collector/core/worker-rpc.ts';
import type { WriterProtocol } from '../../../collector/storage/writer-messages.ts';

void serveWorker<WriterProtocol>(() => {
  setImmediate(() => process.exit(7));
  return {
    ready: undefined,
    answers: {
      prune: () => ({ removed: 0, isDone: true }),
      apiRequests: () => ({ appended: 0, duplicates: 0 }),
      noteRepricing: () => 0,
      closeMonth: () => ({ month: '', fromMs: 0, toMs: 0, closedMs: 0 }),
      clockLead: () => 0,
      rename: () => ({ combinations: 0, values: 0, sessions: 0 }),
      erase: () => ({ pseudonym: '', names: [], combinations: 0, values: 0, sessions: 0, links: 0 }),
      wipe: () => true,
      probe: () => undefined,
    },
    close: () => undefined,
  };
});
