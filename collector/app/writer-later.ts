/** A writer that is opened when it is first needed: a replica that only reads writes when an administrator asks for it, if ever. */
import type { LedgerlineError } from '../core/error.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';

/** One that cannot be opened rejects what was asked, and is tried again with the next. */
export function writerLater(open: () => Promise<LedgerWriter>): LedgerWriter {
  const lost = Promise.withResolvers<LedgerlineError>();
  let opening: Promise<LedgerWriter> | undefined;
  let opened: LedgerWriter | undefined;
  const begin = async (): Promise<LedgerWriter> => {
    opened = await open();
    void opened.lost.then(lost.resolve);
    return opened;
  };
  const writer = (): Promise<LedgerWriter> => {
    opening ??= begin().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  return {
    append: async (batch) => (await writer()).append(batch),
    appendApiRequests: async (requests) => (await writer()).appendApiRequests(requests),
    get pending() {
      return opened?.pending ?? 0;
    },
    lost: lost.promise,
    isWritable: async () => (await writer()).isWritable(),
    prune: async (beforeMs, confirm) => (await writer()).prune(beforeMs, confirm),
    closeMonth: async (month, nowMs) => (await writer()).closeMonth(month, nowMs),
    noteRepricing: async (repricing) => (await writer()).noteRepricing(repricing),
    clockLead: async (nowMs) => (await writer()).clockLead(nowMs),
    erase: async (erasure) => (await writer()).erase(erasure),
    rename: async (renaming) => (await writer()).rename(renaming),
    backup: async (file) => (await writer()).backup(file),
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}
