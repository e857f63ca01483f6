/** What the ports for readers refuse, on its way to the main thread, which keeps it: alike ones as one, so that a flood is a few messages. */
import type { Refusal } from '../catalog/refusals.ts';
import { SECOND_MS } from '../core/duration.ts';

export interface RefusedReader extends Refusal {
  /** Without its port. */
  readonly address: string;
}

export interface RefusalBatch {
  refused(refusal: Refusal, address: string): void;
  /** Sends at once what waits. */
  flush(): void;
}

/** Different ones that wait. */
const WAITING_MAX = 500;

export function batchRefusals(send: (batch: readonly RefusedReader[]) => void): RefusalBatch {
  const waiting = new Map<string, RefusedReader>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size === 0) return;
    const batch = [...waiting.values()];
    waiting.clear();
    send(batch);
  };
  return {
    refused: (refusal, address) => {
      const key = JSON.stringify([refusal.kind, refusal.detail, address]);
      if (!waiting.has(key) && waiting.size >= WAITING_MAX) flush();
      waiting.set(key, { ...refusal, address, count: refusal.count + (waiting.get(key)?.count ?? 0) });
      timer ??= setTimeout(flush, SECOND_MS).unref();
    },
    flush,
  };
}

export const refusedByLimit = (limit: string): Refusal => ({ kind: 'limit', detail: limit, count: 1 });
