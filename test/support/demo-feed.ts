/** What the demo's organization sends, brought into a ledger by the collector's own code: decoded, interpreted, attributed, priced, charged; without ports. */

import type { Config } from '../../collector/config/config.ts';
import { dayOf, sessionsOfDay } from '../../collector/demo/generate.ts';
import { organization, type Person } from '../../collector/demo/people.ts';
import type { DemoSession } from '../../collector/demo/session.ts';
import { type DemoExport, encodeProtobuf } from '../../collector/demo/wire.ts';
import { loadDirectory } from '../../collector/directory/load.ts';
import { claimAttributes, createAttribution } from '../../collector/ingest/attribution/attribution.ts';
import { createJoinKeys } from '../../collector/ingest/attribution/join-keys.ts';
import { createOverruled } from '../../collector/ingest/attribution/overruled.ts';
import { loadPseudonymizer } from '../../collector/ingest/attribution/pseudonym.ts';
import { createRealms } from '../../collector/ingest/attribution/realm.ts';
import { createInterpreter } from '../../collector/ingest/claude-code/interpret.ts';
import { createIngest } from '../../collector/ingest/pipeline.ts';
import type { Ingest } from '../../collector/ingest/telemetry.ts';
import type { LedgerWriter } from '../../collector/ledger/ledger.ts';
import { loadPriceBook } from '../../collector/pricing/load.ts';
import { decodeProtobuf } from './decode.ts';

const DAY_MS = 86_400_000;
const EXPORTS_AT_ONCE = 200;

export interface DemoFeedOptions {
  readonly config: Config;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly people: number;
  /** Sessions that begin from the day of this instant on. */
  readonly fromMs: number;
  readonly seed?: string;
  /** Default: the seed's organization of so many people. */
  readonly everyone?: readonly Person[];
  /** Default: every session. */
  readonly isSent?: (session: DemoSession) => boolean;
}

/** The way of an export as the collector goes it, without ports. */
export function ingestInto({ config, ledger, now }: Pick<DemoFeedOptions, 'config' | 'ledger'> & { readonly now: () => number }): Ingest {
  const pseudonymize = loadPseudonymizer(config.attribution);
  const directory = loadDirectory(config);
  return createIngest({
    interpret: createInterpreter({
      aliases: config.models.aliases,
      claimAttributes: claimAttributes(config.attribution),
      window: config.ingest_window,
    }),
    attribute: createAttribution({
      attribution: config.attribution,
      organization: config.organization,
      directory: () => directory,
      pseudonymize,
    }),
    realmOf: createRealms({ attribution: config.attribution, pseudonymize }),
    overruled: createOverruled(config),
    joinKeys: createJoinKeys({ attribution: config.attribution, pseudonymize }),
    prices: loadPriceBook(),
    ledger,
    observer: { interpreted: () => undefined, appended: () => undefined },
    now,
  });
}

export interface DemoFeed {
  /** Sends what is due up to the instant, at that instant, and resolves when it is durable. */
  sendUntil(ms: number): Promise<void>;
}

/** The same each time: what is known of a sender is remembered by it. */
const NOBODY = {};

export function createDemoFeed({ config, ledger, people, fromMs, seed = 'ledgerline', isSent = () => true, ...rest }: DemoFeedOptions): DemoFeed {
  const everyone = rest.everyone ?? organization(seed, people);
  let nowMs = fromMs;
  // A day begins before UTC's in the east.
  let nextDayMs = fromMs;
  let pending: DemoExport[] = [];
  const ingest = ingestInto({ config, ledger, now: () => nowMs });
  const send = async (exports: readonly DemoExport[]): Promise<void> => {
    const [first] = exports;
    if (first === undefined) return;
    const decoded = decodeProtobuf(first.signal, encodeProtobuf(exports), config.limits);
    const { rejected, message } = await ingest(decoded.received, NOBODY);
    if (rejected > 0) throw new Error(`The demo's records were rejected: ${message}`);
  };
  return {
    async sendUntil(ms) {
      for (; nextDayMs <= ms + DAY_MS; nextDayMs += DAY_MS) {
        for (const session of sessionsOfDay(seed, everyone, dayOf(nextDayMs))) if (isSent(session)) pending.push(...session.exports);
      }
      const due = pending.filter(({ timeMs }) => timeMs <= ms).sort((a, b) => a.timeMs - b.timeMs);
      pending = pending.filter(({ timeMs }) => timeMs > ms);
      nowMs = ms;
      for (const signal of ['logs', 'metrics'] as const) {
        const own = due.filter((sent) => sent.signal === signal);
        for (let at = 0; at < own.length; at += EXPORTS_AT_ONCE) await send(own.slice(at, at + EXPORTS_AT_ONCE));
      }
    },
  };
}
