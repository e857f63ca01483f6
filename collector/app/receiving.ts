/** The receivers and what they hand over to: from the bytes of an export to the ledger. */
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import type { SelfTelemetry } from '../exposition/self-telemetry.ts';
import { createApiSpansIngest } from '../ingest/api-spans/ingest.ts';
import { claimAttributes, createAttribution } from '../ingest/attribution/attribution.ts';
import { runAttributes } from '../ingest/attribution/job.ts';
import { createJoinKeys } from '../ingest/attribution/join-keys.ts';
import { createOverruled } from '../ingest/attribution/overruled.ts';
import { loadPseudonymizer } from '../ingest/attribution/pseudonym.ts';
import { createRealms } from '../ingest/attribution/realm.ts';
import { createVeil } from '../ingest/attribution/veil.ts';
import { createInterpreter } from '../ingest/claude-code/interpret.ts';
import type { ReceiverObserver } from '../ingest/otlp/observer.ts';
import { type Receivers, startReceivers } from '../ingest/otlp/receiver.ts';
import { createIngest, type IngestObserver } from '../ingest/pipeline.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { Access } from '../server/access.ts';
import type { LearningPrices } from './learnt-prices.ts';
import type { LiveDirectory } from './live-directory.ts';
import type { RefusedReader } from './reader-refusals.ts';
import type { RefusalWatch } from './refusal-watch.ts';

export interface ReceivingOptions extends IngestParts {
  readonly access: Access;
  readonly observer: ReceiverObserver;
}

/** Resolves when both OTLP ports are open. */
export const startReceiving = ({ access, observer, ...parts }: ReceivingOptions): Promise<Receivers> =>
  startReceivers({
    server: parts.config.server,
    limits: parts.config.limits,
    authenticate: access.authenticate,
    tls: access.tls,
    ingest: ingestInto(parts),
    observer,
  });

interface IngestParts {
  readonly ledger: LedgerWriter;
  readonly config: Config;
  readonly self: SelfTelemetry;
  readonly learning: LearningPrices;
  readonly directory: LiveDirectory;
  readonly lastCommitMs: number | undefined;
}

function ingestInto({ ledger, config, self, learning: { prices, learn }, directory, lastCommitMs }: IngestParts) {
  const pseudonymize = loadPseudonymizer(config.attribution);
  return createIngest({
    interpret: createInterpreter({
      aliases: config.models.aliases,
      claimAttributes: claimAttributes(config.attribution),
      runAttributes: runAttributes(config.attribution),
      window: config.ingest_window,
      lastCommitMs,
    }),
    attribute: createAttribution({
      attribution: config.attribution,
      organization: config.organization,
      directory: directory.now,
      pseudonymize,
      jobs: [...config.auth.tokens, ...config.auth.certificates].flatMap(({ job }) => job ?? []),
    }),
    realmOf: createRealms({ attribution: config.attribution, pseudonymize }),
    overruled: createOverruled(config, { directory: directory.now, now: Date.now }),
    joinKeys: createJoinKeys({ attribution: config.attribution, pseudonymize }),
    veil: pseudonymize && createVeil({ attribution: config.attribution, pseudonymize }),
    prices,
    learn,
    ledger,
    apiSpans: createApiSpansIngest({ aliases: config.models.aliases, window: config.ingest_window, prices, ledger, now: Date.now }),
    observer: ingestObserver(self),
    now: Date.now,
  });
}

function ingestObserver(self: SelfTelemetry): IngestObserver {
  return {
    interpreted(signal, { rejections, ignored, unknownAttributes, correctedTimes }) {
      for (const { reason } of rejections) self.rejected(reason, 1);
      for (const [name, count] of ignored) self.ignored(name, count);
      for (const [name, count] of unknownAttributes) self.unknownAttribute(name, count);
      if (correctedTimes > 0) self.correctedTimes(signal, correctedTimes);
    },
    appended: (outcome, durationMs) => self.committed(outcome, durationMs / 1000),
  };
}

export function receiverObserver(self: SelfTelemetry, refusals: RefusalWatch, log: Log): ReceiverObserver {
  return {
    requestAnswered: (request) => self.requestAnswered(request),
    limitHit: (limit) => self.limitHit(limit),
    malformed: (records) => self.rejected('malformed', records),
    refused: (refusal, address) => {
      self.refused(refusal.kind, refusal.count);
      refusals.refused(refusal, address);
    },
    failed: (error) => log('receiver_failed', error.message, { error }),
  };
}

export function noteReaders(batch: readonly RefusedReader[], observer: ReceiverObserver, self: SelfTelemetry): void {
  for (const { address, ...refusal } of batch) {
    observer.refused(refusal, address);
    if (refusal.kind === 'limit') for (let count = 0; count < refusal.count; count++) self.limitHit(refusal.detail);
  }
}
