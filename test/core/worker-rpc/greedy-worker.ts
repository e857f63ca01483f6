/** A worker that takes memory without end once it is ready. */
import { type Protocol, serveWorker } from '../../../collector/core/worker-rpc.ts';

void serveWorker<Protocol>(() => {
  const taken: unknown[] = [];
  const take = (): void => {
    for (let index = 0; index < 100_000; index++) taken.push({ index });
    setImmediate(take);
  };
  setImmediate(take);
  return { ready: undefined, answers: {}, close: () => undefined };
});
