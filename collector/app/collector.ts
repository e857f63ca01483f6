/** The collector: wires configuration, ledger, receivers and worker threads, and stops them in reverse. */
import type { Readiness } from '../api/health.ts';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import type { Log } from '../catalog/log-codes.ts';
import type { Config } from '../config/config.ts';
import { KEPT_FILES, ledgerFileOf, refusalFileOf } from '../config/data-folder.ts';
import { type Duties, dutiesOf } from '../config/role.ts';
import { announceCollector, withdrawCollector } from '../config/running-collector.ts';
import type { LedgerlineError } from '../core/error.ts';
import type { LogSettings } from '../core/logger.ts';
import { VERSION } from '../core/version.ts';
import { type SelfTelemetry, startSelfTelemetry } from '../exposition/self-telemetry.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { Receivers } from '../ingest/otlp/receiver.ts';
import { shareRefusals } from '../ingest/refusals/shared-refusals.ts';
import type { Batch } from '../ledger/entry.ts';
import type { LedgerStatus, LedgerWriter } from '../ledger/ledger.ts';
import type { ErasureRequest, MergeRequest } from '../query/personal-data.ts';
import type { RepricingRequest } from '../query/repricing-answers.ts';
import { createAccess, readAccess } from '../server/access.ts';
import { assertSafeBinding } from '../server/auth.ts';
import {
  type Conversion,
  openDirectory,
  openKeptFiles,
  openLeases,
  openLedgerReader,
  openLedgerWriter,
  refuseUnfinishedCopy,
} from '../storage/open.ts';
import { type AccessReload, type ConfigSource, watchAccess } from './access-reload.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { loadKey } from './kept-key.ts';
import { knownNames } from './known-names.ts';
import { type LearningPrices, startLearning } from './learnt-prices.ts';
import { type LiveDirectory, watchDirectory } from './live-directory.ts';
import { mergeUsers } from './merge.ts';
import { erasePerson } from './privacy.ts';
import { type Reading, startReading } from './reading.ts';
import { noteReaders, receiverObserver, startReceiving } from './receiving.ts';
import { type RefusalWatch, watchRefusals } from './refusal-watch.ts';
import { openRepricings, type SharedRepricings } from './shared-repricings.ts';
import { agreeOnSettings, type SettingsAgreement } from './shared-settings.ts';
import { loadSignIn } from './sign-in-key.ts';
import { writerLater } from './writer-later.ts';

export interface CollectorPorts {
  /** 0 for both where this replica takes no telemetry. */
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
  const duties = dutiesOf(config.role);
  const material = readAccess(config, loadStoredUser(config.attribution), await loadSignIn(config));
  const access = createAccess(material);
  const stops: (() => Promise<void>)[] = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const { settings, ledger } = await openAgreed(config, duties, log, stops);
    const leases = await openLeases(config);
    stops.push(() => leases.close());
    const requestKey = await loadKey(config, KEPT_FILES.requestKey, 'links in messages that were sent lead nowhere');
    const { counters, asOfMs } = await statusOf(config);
    const self = startSelfTelemetry(config.storage.url === undefined ? counters : 'shared', { role: config.role, version: VERSION });
    stops.push(() => self.close());
    self.watchPending(() => ledger.pending);
    const directory = await liveDirectory(config, log, () => void settings.renewDirectory(), stops);
    const state: Parts = { settings };
    const refusals = watchRefusals({ file: refusalFileOf(config), shared: await sharedRefusals(config), log, now: Date.now });
    stops.push(() => refusals.close());
    const learning = await startLearning(config, log, stops);
    const observer = receiverObserver(self, refusals, log);
    const repricing = await openRepricings({ config, ledger, leases, now: Date.now });
    const reading = await startReading({
      ...{ config, log, logSettings, requestKey, access: () => access.material, readiness: () => readinessOf(duties, ledger, state) },
      answers: answersOf({ ledger, self, refusals, demo, config, learning, repricing, directory }),
      refused: (batch) => noteReaders(batch, observer, self),
      limitHit: (limit) => self.limitHit(limit),
    });
    state.reading = reading;
    stops.push(() => Promise.all([repricing.close(), reading.stop()]).then(() => undefined));
    if (duties.receives) {
      const receivers = await startReceiving({ access, observer, ledger, config, self, learning, directory, lastCommitMs: asOfMs });
      state.receivers = receivers;
      stops.push(() => receivers.drain());
    }
    if (duties.works) {
      const jobs = await startJobs({ config, ledger, leases, log, logSettings, requestKey });
      state.jobs = jobs;
      stops.push(() => jobs.stop());
    }
    const reload = watchAccess({
      ...{ config, material, source, log },
      apply: async (replacement) => {
        access.replace(replacement);
        await reading.replaceAccess(replacement);
      },
    });
    state.reload = reload;
    stops.push(async () => reload.close());
    if (duties.reads) stops.push(announceCollector(config, reading.ports.apiPort));
    return {
      ports: portsOf(state, reading),
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

const portsOf = ({ receivers }: Parts, { ports: { apiPort, metricsPort } }: Reading): CollectorPorts => ({
  ...{ otlpGrpc: receivers?.grpcPort ?? 0, otlpHttp: receivers?.httpPort ?? 0, api: apiPort, metrics: metricsPort },
});

interface Answering {
  readonly ledger: LedgerWriter;
  readonly self: SelfTelemetry;
  readonly refusals: RefusalWatch;
  readonly demo: CollectorOptions['demo'];
  readonly config: Config;
  readonly learning: LearningPrices;
  readonly repricing: SharedRepricings;
  readonly directory: LiveDirectory;
}

/** Undefined of a ledger that has no replicas. */
const sharedRefusals = async (config: Config) =>
  config.storage.url === undefined ? undefined : shareRefusals(await openKeptFiles(config), Date.now);

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

async function liveDirectory(config: Config, log: Log, onNewFiles: () => void, stops: (() => Promise<void>)[]): Promise<LiveDirectory> {
  const store = await openDirectory(config);
  stops.push(() => store.close());
  const directory = await watchDirectory({ config, store, log, onNewFiles });
  stops.push(() => directory.close());
  return directory;
}

/** The ledger, once it is known that this replica books as the others do. */
async function openAgreed(config: Config, duties: Duties, log: Log, stops: (() => Promise<void>)[]) {
  await refuseUnfinishedCopy(config);
  const settings = await agreeOnSettings({ config, log });
  stops.push(() => settings.close());
  await settings.check();
  const ledger = await openLedger(config, duties, log);
  stops.push(() => ledger.close());
  // Of a ledger that has just been made.
  await settings.check();
  return { settings, ledger };
}

/** From here on the folder is ours: a collector that was killed could not withdraw its address. */
async function openLedger(config: Config, { receives, works }: Duties, log: Log): Promise<LedgerWriter> {
  const open = (): Promise<LedgerWriter> =>
    openLedgerWriter(config, {
      names: knownNames(config),
      onConversion: (found) => noteConversion(found, log),
      onWaiting: (sentence) => log('ledger_waiting', sentence),
    });
  const ledger = receives || works ? await open() : writerLater(open);
  withdrawCollector(config);
  return ledger;
}

function noteConversion(conversion: Conversion, log: Log): void {
  const size = `${Math.ceil(conversion.bytes / 1e6).toLocaleString('en')} MB`;
  log('ledger_converting', `The ledger (${size}) was written by a former version and is brought up to this one before anything is received.`, {
    hint: 'That takes some 20 seconds for each gigabyte, and twice its space beside it until it is done. An interruption leaves the ledger as it is.',
    fields: { ...conversion },
  });
}

/** Before anything is received. */
async function statusOf(config: Config): Promise<LedgerStatus> {
  const reader = await openLedgerReader(config);
  const status = await reader.status();
  await reader.close();
  return status;
}

/** What the front says how it is of. */
interface Parts {
  readonly settings: SettingsAgreement;
  reading?: Reading;
  receivers?: Receivers;
  jobs?: Jobs;
  reload?: AccessReload;
}

async function readinessOf({ receives, reads, works }: Duties, ledger: LedgerWriter, parts: Parts): Promise<Readiness> {
  const { receivers, reading, jobs, reload, settings } = parts;
  if ((receives || works) && !(await ledger.isWritable())) return { ready: false, detail: 'The ledger is not writable.' };
  if (receives && receivers === undefined) return { ready: false, detail: 'The receivers are not listening yet.' };
  if (works && jobs === undefined) return { ready: false, detail: 'What is scheduled has not begun yet.' };
  const trouble = reading?.trouble();
  // One that does nothing else is of no use without it.
  if (!receives && reads && trouble !== undefined) return { ready: false, detail: trouble };
  // Telemetry is taken all the same: whoever balances load by this must not take the collector out for it.
  const troubles = [trouble, ...(jobs?.troubles() ?? []), reload?.trouble(), settings.trouble()].filter((one) => one !== undefined);
  const well = receives ? 'Listening, and the ledger is writable.' : works ? 'Working, and the ledger is writable.' : 'Answering.';
  return { ready: true, detail: [well, ...troubles].join(' ') };
}
