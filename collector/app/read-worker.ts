/**
 * The reader, a thread of its own: REST, the web page and the text of /metrics over a read-only connection, so that a scrape or a report
 * over a year does not hold an export's answer. The front's thread listens for it. Wires only.
 */
import type { IncomingMessage } from 'node:http';
import { createApi } from '../api/api.ts';
import { BudgetWatch } from '../budgets/spend-watch.ts';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import { LOG_CODES } from '../catalog/log-codes.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { RefusalTotal } from '../catalog/refusals.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/finding.ts';
import { createLogger, type LogSettings } from '../core/logger.ts';
import { type Protocol, serveWorker, type WorkerParent, type WorkerService } from '../core/worker-rpc.ts';
import { exportFindings } from '../exports/scheduled/findings.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import type { ClosedMonth } from '../ledger/closed-months.ts';
import type { AppendOutcome, Entry } from '../ledger/entry.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import { aliasedScope } from '../query/directory/aliased-scope.ts';
import type { ErasureOutcome, ErasureRequest, MergeOutcome, MergeRequest } from '../query/personal-data.ts';
import type { RepricingRequest, RepricingState } from '../query/repricing-answers.ts';
import { readerFindings } from '../query/unknown-readers.ts';
import { unpricedFindings } from '../query/unpriced-models.ts';
import { type AccessMaterial, createAccess } from '../server/access.ts';
import { listenOnSocket } from '../server/private-sockets.ts';
import { handedScope } from '../server/reader-gate.ts';
import type { NamedScope } from '../server/reader-scope.ts';
import {
  openBudgetJournal,
  openDirectory,
  openLaggingReader,
  openLedgerElsewhere,
  openLedgerReader,
  openOutbox,
  readStatements,
} from '../storage/open.ts';
import { findingsOfImports } from './import-findings.ts';
import { watchDirectory } from './live-directory.ts';
import { openReadExposition } from './read-exposition.ts';
import { batchRefusals, type RefusedReader } from './reader-refusals.ts';

/** Paths of the sockets that only the front connects to. */
export interface ReaderSockets {
  readonly api: string;
  readonly metrics: string;
}

export interface ReadWorkerOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: LogSettings;
  readonly sockets: ReaderSockets;
  /** Who may read, as the main thread read it. */
  readonly access: AccessMaterial;
  /** Signs links to requests for more budget. */
  readonly requestKey: Uint8Array;
}

export interface ReadWorkerProtocol extends Protocol {
  readonly options: ReadWorkerOptions;
  readonly ready: undefined;
  readonly worker: { replaceAccess(material: AccessMaterial): void };
  /** What only the main thread knows: the collector's own series as text, and what was refused. */
  readonly parent: {
    selfText(): string;
    refusals(): readonly RefusalTotal[];
    /** Null unless the collector was started as a demo. */
    demo(): DemoProgress | null;
    /** Through the writer, which is the main thread's. */
    erase(request: ErasureRequest): ErasureOutcome;
    adjust(entries: readonly Entry[]): AppendOutcome;
    closeMonth(month: string): ClosedMonth;
    merge(request: MergeRequest): MergeOutcome;
    startRepricing(request: RepricingRequest): RepricingState;
    repricing(): RepricingState | null;
    cancelRepricing(): RepricingState | null;
  };
  readonly toWorker: never;
  readonly toParent: readonly RefusedReader[];
}

interface Findable {
  readonly config: Config;
  readonly reader: LedgerReader;
  readonly prices: PriceBook;
  readonly scopes: readonly NamedScope[];
}

const findAll = async ({ config, reader, prices, scopes }: Findable): Promise<Finding[]> => [
  ...(await exportFindings(config, Date.now())),
  ...(await findingsOfImports(config, Date.now())),
  ...(await readerFindings(scopes, reader)),
  ...(await unpricedFindings(reader, prices, Date.now())),
];

const askParent = ({ request }: WorkerParent<ReadWorkerProtocol>) => ({
  selfText: () => request('selfText'),
  refusals: () => request('refusals'),
  demo: () => request('demo'),
  erase: (erasure: ErasureRequest) => request('erase', erasure),
  adjust: (entries: readonly Entry[]) => request('adjust', entries),
  closeMonth: (month: string) => request('closeMonth', month),
  merge: (merge: MergeRequest) => request('merge', merge),
  repricing: {
    start: (asked: RepricingRequest) => request('startRepricing', asked),
    state: () => request('repricing'),
    cancel: () => request('cancelRepricing'),
  },
});

async function start(
  { config, version, log: logSettings, sockets, access: material, requestKey }: ReadWorkerOptions,
  parent: WorkerParent<ReadWorkerProtocol>,
): Promise<WorkerService<ReadWorkerProtocol>> {
  const log = createLogger(LOG_CODES, logSettings);
  const reader = await openLaggingReader(config);
  // What stops users never goes by a standby.
  const primary = config.storage.read_url === undefined ? reader : await openLedgerReader(config);
  const access = createAccess(material);
  const { authenticate } = access;
  const refusedReaders = batchRefusals((batch) => parent.post(batch));
  const { refused } = refusedReaders;
  const asked = askParent(parent);
  const prices = configuredPrices(config);
  const findings = () => findAll({ config, reader: primary, prices, scopes: access.material.scopes });
  const budgets = await openBudgetJournal(config);
  const elsewhere = await openLedgerElsewhere(config);
  const watch = new BudgetWatch({ reader: primary, config, budgets, now: Date.now, elsewhere, log });
  // Before the port opens, so that the first question finds everything ready.
  await watch.start();
  const alerts = await openOutbox(config);
  const { directory, lookAtDirectory, directoryStore, scrapedScope, closeDirectory } = await openLiveDirectory(config);
  const { oidc } = config.auth;
  const rules = material.rules.signIn;
  const signIn = oidc === undefined || rules === undefined ? undefined : { oidc, rules, storedUser: loadStoredUser(config.attribution) };
  const api = await listenOnSocket(
    createApi({
      reader,
      primary,
      config,
      budgets,
      watch,
      alerts,
      prices,
      now: Date.now,
      authenticate,
      refused,
      ...asked,
      ...{ directory, lookAtDirectory, directoryStore },
      findings,
      statements: () => readStatements(config),
      signIn,
      requestKey,
      log,
    }),
    sockets.api,
  );
  const exposition = await openReadExposition({ config, prices, budgets, primary, version, log, selfText: asked.selfText, scopeOf: scrapedScope });
  const metrics = await listenOnSocket(exposition.handler, sockets.metrics);
  const close = async (): Promise<void> => {
    await Promise.all([api.close(), metrics.close()]);
    await Promise.all([elsewhere.close(), watch.stop(), exposition.close()]);
    await Promise.all([...new Set([reader, primary])].map((opened) => opened.close()));
    await closeDirectory();
    await Promise.all([budgets.close(), alerts.close()]);
    refusedReaders.flush();
  };
  return { ready: undefined, answers: { replaceAccess: (replacement) => access.replace(replacement) }, close };
}

async function openLiveDirectory(config: Config) {
  const store = await openDirectory(config);
  const live = await watchDirectory({ config, store });
  const closeDirectory = async (): Promise<void> => {
    await live.close();
    await store.close();
  };
  const hasScim = config.directory.feeds.some(({ type }) => type === 'scim');
  const scrapedScope = (request: IncomingMessage): ReadScope => aliasedScope(handedScope(request), { config, directory: live.now, now: Date.now });
  return { directory: live.now, scrapedScope, lookAtDirectory: live.look, directoryStore: hasScim ? store : undefined, closeDirectory };
}

void serveWorker<ReadWorkerProtocol>(start);
