/** The collector: wires configuration, ledger, receivers and worker threads, and stops them in reverse. */
import { deliveredHere } from '../alerts/channels/channels.ts';
import type { Readiness } from '../api/health.ts';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { ledgerFileOf, refusalFileOf, requestKeyFileOf } from '../config/data-folder.ts';
import { announceCollector, withdrawCollector } from '../config/running-collector.ts';
import type { LedgerlineError } from '../core/error.ts';
import type { LogSettings } from '../core/logger.ts';
import type { SupervisedWorker } from '../core/supervised-worker.ts';
import { type SelfTelemetry, startSelfTelemetry } from '../exposition/self-telemetry.ts';
import { createApiSpansIngest } from '../ingest/api-spans/ingest.ts';
import { claimAttributes, createAttribution } from '../ingest/attribution/attribution.ts';
import { runAttributes } from '../ingest/attribution/job.ts';
import { createJoinKeys } from '../ingest/attribution/join-keys.ts';
import { createOverruled } from '../ingest/attribution/overruled.ts';
import { loadPseudonymizer, loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import { createRealms } from '../ingest/attribution/realm.ts';
import { createVeil } from '../ingest/attribution/veil.ts';
import { createInterpreter } from '../ingest/claude-code/interpret.ts';
import type { ReceiverObserver } from '../ingest/otlp/observer.ts';
import { type Receivers, startReceivers } from '../ingest/otlp/receiver.ts';
import { createIngest, type IngestObserver } from '../ingest/pipeline.ts';
import type { Batch } from '../ledger/entry.ts';
import type { LedgerStatus, LedgerWriter } from '../ledger/ledger.ts';
import type { ErasureRequest, MergeRequest } from '../query/personal-data.ts';
import type { RepricingRequest } from '../query/repricing-answers.ts';
import { createAccess, readAccess } from '../server/access.ts';
import { assertSafeBinding } from '../server/auth.ts';
import { openDirectory, openLedgerReader, openLedgerWriter } from '../storage/open.ts';
import { type AccessReload, type ConfigSource, watchAccess } from './access-reload.ts';
import { loadKey } from './key-file.ts';
import { knownNames } from './known-names.ts';
import { type LearningPrices, startLearning } from './learnt-prices.ts';
import { type LiveDirectory, watchDirectory } from './live-directory.ts';
import { mergeUsers } from './merge.ts';
import { erasePerson } from './privacy.ts';
import type { RefusedReader } from './reader-refusals.ts';
import { type Reading, startReading } from './reading.ts';
import { type RefusalWatch, watchRefusals } from './refusal-watch.ts';
import { createRepricings, type Repricings } from './repricings.ts';
import { pruneDaily } from './retention.ts';
import { loadSignIn } from './sign-in-key.ts';
import { startAlertWorker, startExportWorker, startImportWorker } from './workers.ts';

export interface CollectorPorts {
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
  readonly api: number;
  readonly metrics: number;
}

export interface Collector {
  readonly ports: CollectorPorts;
  /** The ledger's file, for commands that read it directly. */
  readonly ledgerFile: string;
  /** Resolves when a part of the collector ended by itself: it should be stopped then and started again. */
  readonly lost: Promise<LedgerlineError>;
  /** Reads tokens and certificates again. Resolves when they are in force, or kept as they were because of a mistake, which is in the log. */
  reload(): Promise<void>;
  /** Stops accepting, answers what is in flight, closes the ledger. Safe to call twice. */
  stop(): Promise<void>;
}

export interface CollectorOptions {
  readonly log: Log;
  /** Worker threads make their own logger of these. */
  readonly logSettings: LogSettings;
  /** Where the configuration comes from, so that tokens and certificates can be read again. Default: the files that it names alone. */
  readonly source?: ConfigSource;
  /** Set for a demo: how far its past is in the ledger. */
  readonly demo?: () => DemoProgress;
}

/** Resolves when every port is open. Throws LedgerlineError with the remedy, and leaves nothing running then. */
export async function startCollector(config: Config, { log, logSettings, source, demo }: CollectorOptions): Promise<Collector> {
  assertSafeBinding(config);
  const material = readAccess(config, loadStoredUser(config.attribution), loadSignIn(config));
  const access = createAccess(material);
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const ledger = await openLedger(config);
    stops.push(() => ledger.close());
    const requestKey = loadKey(requestKeyFileOf(config), 'links in messages that were sent lead nowhere');
    const { counters, asOfMs } = await statusOf(config);
    const self = startSelfTelemetry(counters);
    stops.push(() => self.close());
    self.watchPending(() => ledger.pending);
    const directory = await liveDirectory(config, log, stops);
    const state: Parts = {};
    const refusals = watchRefusals({ file: refusalFileOf(config), log, now: Date.now });
    stops.push(() => refusals.close());
    const learning = startLearning(config, log, stops);
    const observer = receiverObserver(self, refusals, log);
    const repricing = createRepricings(config, ledger, Date.now);
    const reading = await startReading({
      ...{ config, log, logSettings, requestKey, access: () => access.material, readiness: () => readinessOf(ledger, state) },
      answers: answersOf({ ledger, self, refusals, demo, config, learning, repricing, directory }),
      refused: (batch) => noteReaders(batch, observer, self),
      limitHit: (limit) => self.limitHit(limit),
    });
    state.reading = reading;
    stops.push(() => Promise.all([repricing.cancel(), reading.stop()]).then(() => undefined));
    const receivers = await startReceivers({
      server: config.server,
      limits: config.limits,
      authenticate: access.authenticate,
      tls: access.tls,
      ingest: ingestInto({ ledger, config, self, learning, directory, lastCommitMs: asOfMs }),
      observer,
    });
    state.receivers = receivers;
    stops.push(() => receivers.drain());
    await startBeside(config, { log, logSettings, requestKey }, state, stops);
    const reload = watchAccess({
      ...{ config, material, source, log },
      apply: async (replacement) => {
        access.replace(replacement);
        await reading.replaceAccess(replacement);
      },
    });
    state.reload = reload;
    stops.push(async () => reload.close());
    stops.push(pruneDaily(ledger, config.retention.entries_days, log));
    stops.push(announceCollector(config, reading.ports.apiPort));
    return {
      ports: { otlpGrpc: receivers.grpcPort, otlpHttp: receivers.httpPort, api: reading.ports.apiPort, metrics: reading.ports.metricsPort },
      ledgerFile: ledgerFileOf(config),
      lost: Promise.race([ledger.lost, reading.lost]),
      reload: () => reload.now(),
      stop: () => {
        stopped ??= stopAll();
        return stopped;
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

interface Answering {
  readonly ledger: LedgerWriter;
  readonly self: SelfTelemetry;
  readonly refusals: RefusalWatch;
  readonly demo: CollectorOptions['demo'];
  readonly config: Config;
  readonly learning: LearningPrices;
  readonly repricing: Repricings;
  readonly directory: LiveDirectory;
}

/** What the thread that reads asks of this one. */
const answersOf = ({ ledger, self, refusals, demo, config, learning, repricing, directory }: Answering) => ({
  selfText: () => self.collectSelfText(),
  refusals: () => refusals.totals(),
  demo: () => demo?.() ?? null,
  startRepricing: (request: RepricingRequest) => repricing.start(request),
  repricing: () => repricing.state(),
  cancelRepricing: () => repricing.cancel(),
  adjust: (entries: Batch['entries']) => ledger.append({ entries, receivedMs: Date.now() }),
  closeMonth: (month: string) => ledger.closeMonth(month, Date.now()),
  erase: (request: ErasureRequest) => erasePerson(request, { ledger, config, nowMs: Date.now(), forgetPrices: learning.forget }),
  merge: (request: MergeRequest) => mergeUsers(request, { ledger, config, nowMs: Date.now(), noted: directory.look }),
});

async function liveDirectory(config: Config, log: Log, stops: (() => Promise<void>)[]): Promise<LiveDirectory> {
  const store = openDirectory(config);
  stops.push(() => store.close());
  const directory = await watchDirectory({ config, store, log });
  stops.push(() => directory.close());
  return directory;
}

/** From here on the folder is ours: a collector that was killed could not withdraw its address. */
async function openLedger(config: Config): Promise<LedgerWriter> {
  const ledger = await openLedgerWriter(config, { names: knownNames(config) });
  withdrawCollector(config);
  return ledger;
}

/** Before anything is received. */
async function statusOf(config: Config): Promise<LedgerStatus> {
  const reader = openLedgerReader(config);
  const status = await reader.status();
  await reader.close();
  return status;
}

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

function receiverObserver(self: SelfTelemetry, refusals: RefusalWatch, log: Log): ReceiverObserver {
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

function noteReaders(batch: readonly RefusedReader[], observer: ReceiverObserver, self: SelfTelemetry): void {
  for (const { address, ...refusal } of batch) {
    observer.refused(refusal, address);
    if (refusal.kind === 'limit') for (let count = 0; count < refusal.count; count++) self.limitHit(refusal.detail);
  }
}

/** Threads that nothing else waits for. */
async function startBeside(
  config: Config,
  { log, logSettings, requestKey }: Pick<CollectorOptions, 'log' | 'logSettings'> & { readonly requestKey: Uint8Array },
  state: Parts,
  stops: (() => Promise<void>)[],
): Promise<void> {
  // Requests for more budget are the collector's to deliver, whoever delivers alerts.
  if (config.alerts.deliver || deliveredHere(config.alerts).channels.length > 0) {
    const alerts = await startAlertWorker({ config, log: logSettings, requestKey }, log);
    state.alerts = alerts;
    stops.push(() => alerts.stop());
  }
  if (config.exports.length > 0) {
    const exports = await startExportWorker({ config, log: logSettings }, log);
    state.exports = exports;
    stops.push(() => exports.stop());
  }
  if (config.imports.some(({ schedule }) => schedule !== undefined)) {
    const imports = await startImportWorker({ config, log: logSettings }, log);
    state.imports = imports;
    stops.push(() => imports.stop());
  }
}

/** What the front says how it is of. */
interface Parts {
  reading?: Reading;
  receivers?: Receivers;
  alerts?: SupervisedWorker;
  exports?: SupervisedWorker;
  imports?: SupervisedWorker;
  reload?: AccessReload;
}

async function readinessOf(ledger: LedgerWriter, { receivers, reading, alerts, exports, imports, reload }: Parts): Promise<Readiness> {
  if (!(await ledger.isWritable())) return { ready: false, detail: 'The ledger is not writable.' };
  if (receivers === undefined) return { ready: false, detail: 'The receivers are not listening yet.' };
  // Telemetry is taken all the same: whoever balances load by this must not take the collector out for it.
  const troubles = [reading, alerts, exports, imports, reload].map((part) => part?.trouble()).filter((trouble) => trouble !== undefined);
  return { ready: true, detail: ['Listening, and the ledger is writable.', ...troubles].join(' ') };
}
