/**
 * The one place that knows which store there is. Everything is opened here, by the wiring and the commands, and known to all others by its
 * contract alone: the ledger's (ledger/ledger.ts), the budgets' journal (budgets/journal.ts) and the alerts' outbox (alerts/outbox.ts).
 */
import type { Outbox } from '../alerts/outbox.ts';
import type { BudgetJournal, BudgetWriter } from '../budgets/journal.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { budgetFileOf, directoryStoreFileOf, ledgerFileOf, statementFileOf } from '../config/data-folder.ts';
import { storageSchema } from '../config/storage.ts';
import { LedgerlineError } from '../core/error.ts';
import type { KeptFiles } from '../core/kept-files.ts';
import type { Leases } from '../core/leases.ts';
import type { DirectoryReader, DirectoryRecords, DirectoryStore } from '../directory/store.ts';
import type { GatewayLock, GatewayRecords } from '../gateway/records.ts';
import type { StatementReader, StatementRecords, StatementStore } from '../imports/statements.ts';
import type { OperatorRecords } from '../ledger/erasure.ts';
import type { LedgerReader, LedgerSnapshot, LedgerWriter } from '../ledger/ledger.ts';
import type { RepricingReader } from '../ledger/repricing.ts';
import type { SampleStore } from '../ledger/samples.ts';
import type { ValueLimits } from '../ledger/value-admission.ts';
import { type Copied, type CopyOptions, copyToShared } from './copy/copy.ts';
import type { CommitListener } from './pending-appends.ts';
import { openAlertStore as openSharedOutbox } from './postgres/alert-store.ts';
import { openBudgetStore as openSharedBudgets, readBudgetJournal as readSharedBudgets } from './postgres/budget-store.ts';
import { type Target, targetOf } from './postgres/connection.ts';
import { openDirectoryRecords as openSharedDirectoryRecords } from './postgres/directory-erasure.ts';
import { openDirectoryStore as openSharedDirectory, readDirectory as readSharedDirectory } from './postgres/directory-store.ts';
import { type Folding, openFolding as openSharedFolding } from './postgres/folding.ts';
import {
  lockGateway as lockSharedGateway,
  openGatewayStore as openSharedGateways,
  readGatewayStore as readSharedGateways,
} from './postgres/gateway-store.ts';
import { initTables, type TablesMade } from './postgres/init.ts';
import { openKeptFiles as openSharedFiles } from './postgres/kept-files.ts';
import { openSharedLeases } from './postgres/leases.ts';
import { openReader as openSharedReader, type ReaderOptions as SharedReaderOptions } from './postgres/ledger-reader.ts';
import { openWriter as openSharedWriter } from './postgres/ledger-writer.ts';
import { type Notes, openNotes as openSharedNotes } from './postgres/notes.ts';
import { openOperatorRecords as openSharedOperatorRecords } from './postgres/operator-records.ts';
import { openPricedSessions } from './postgres/priced-sessions.ts';
import { grantReadAt, readGrants } from './postgres/read-grants.ts';
import { openSharedSamples } from './postgres/samples.ts';
import { openSharedSettings as openAgreedSettings, type SettingsStore } from './postgres/shared-settings.ts';
import { openStatementRecords as openSharedStatementRecords } from './postgres/statement-erasure.ts';
import { openStatementStore as openSharedStatements, readStatements as readSharedStatements } from './postgres/statement-store.ts';
import { openAlertStore } from './sqlite/alert-store.ts';
import { openBudgetStore, readBudgetJournal as readJournal } from './sqlite/budget-store.ts';
import { openDirectoryRecords as openErasableDirectory } from './sqlite/directory-erasure.ts';
import { openDirectoryStore, readDirectory as readDirectoryStore } from './sqlite/directory-store.ts';
import { lockGateway, openGatewayStore, readGatewayStore } from './sqlite/gateway-store.ts';
import { openKeptFiles as openFolderFiles } from './sqlite/kept-files.ts';
import { openLeases as openHeldLeases } from './sqlite/leases.ts';
import { openForReading } from './sqlite/ledger-connection.ts';
import { openReader } from './sqlite/ledger-reader.ts';
import { openWriter } from './sqlite/ledger-writer.ts';
import { openOperatorRecords } from './sqlite/operator-records.ts';
import { PricedSessions } from './sqlite/priced-sessions.ts';
import { QueryThread } from './sqlite/query-client.ts';
import { openStatementRecords as openErasable } from './sqlite/statement-erasure.ts';
import { openStatementStore, readStatements as readStore } from './sqlite/statement-store.ts';

/** In the database that the configuration names, else in files of the data folder. */
function kept<Store>(config: Config, shared: (target: Target) => Store, embedded: () => Store): Store {
  const target = targetOf(config);
  return target === undefined ? embedded() : shared(target);
}

const optionsOf = (config: Config) => ({ file: ledgerFileOf(config), ...ledgerCalendar(config) });

export interface WritingOptions extends CommitListener {
  /** Values of dimensions that are always kept apart. */
  readonly names?: ValueLimits['names'];
  /** Where replicas share a ledger that has another calendar. All have to be stopped for a rebuild. Default: 'refuse'. */
  readonly otherCalendar?: 'refuse' | 'rebuild';
}

/** Makes or migrates the ledger where needed. Rejects with a sentence when it cannot be used. */
export function openLedgerWriter(config: Config, { names = {}, ...options }: WritingOptions = {}): Promise<LedgerWriter> {
  const { rebooked_entries: rebookedEntries, values, new_values_per_hour: newPerHour, new_values_per_day: newPerDay } = config.limits;
  const limits = { rebookedEntries, values, newPerHour, newPerDay, names };
  return kept(
    config,
    (target) => openSharedWriter({ target, ...ledgerCalendar(config), limits, ...options }),
    () => openWriter({ ...optionsOf(config), limits, ...options }),
  );
}

const sharedReader = (config: Config, options: Pick<SharedReaderOptions, 'target' | 'wants'>): LedgerReader =>
  openSharedReader({ ...options, ...ledgerCalendar(config), connections: config.storage.connections });

/** Throws LedgerlineError `not_found` when there is no ledger; where replicas share one, what is asked of it rejects so. */
export const openLedgerReader = (config: Config): LedgerReader =>
  kept(
    config,
    (target) => sharedReader(config, { target }),
    () => openReader(optionsOf(config)),
  );

/** For who may be some seconds behind: a standby's, where storage.read_url names one. */
export function openLaggingReader(config: Config): LedgerReader {
  const target = config.storage.read_url === undefined ? undefined : targetOf(config, config.storage.read_url);
  return target === undefined ? openLedgerReader(config) : sharedReader(config, { target, wants: 'any' });
}

/** Of files it blocks while it reads: on a thread that has nothing else to do. Throws as openLedgerReader. */
export const openRepricingReader = (config: Config): RepricingReader =>
  kept(config, openPricedSessions, () => new PricedSessions(openForReading(ledgerFileOf(config))));

/** Where a long query takes nothing of this thread, for those who must not wait: on a thread of its own, or in the database. */
export const openLedgerElsewhere = (config: Config): Pick<LedgerSnapshot, 'query' | 'people'> & { close(): Promise<void> } =>
  kept(
    config,
    (target): ReturnType<typeof openLedgerElsewhere> => sharedReader(config, { target }),
    () => new QueryThread(optionsOf(config)),
  );

export const openBudgetJournal = (config: Config): BudgetWriter => kept(config, openSharedBudgets, () => openBudgetStore(budgetFileOf(config)));

/** For commands that only read: where there is nothing, nothing is made. */
export const readBudgetJournal = (config: Config): BudgetJournal & Pick<BudgetWriter, 'close'> =>
  kept(config, readSharedBudgets, () => readJournal(budgetFileOf(config)));

/** Budgets, alerts and messages as far as they name people. */
export const openPersonalRecords = (config: Config): OperatorRecords =>
  kept(config, openSharedOperatorRecords, () => openOperatorRecords(budgetFileOf(config)));

export const openOutbox = (config: Config): Outbox => kept(config, openSharedOutbox, () => openAlertStore(budgetFileOf(config)));

/** The provider's own records. */
export const openStatements = (config: Config): StatementStore =>
  kept(config, openSharedStatements, () => openStatementStore(statementFileOf(config)));

/** For who only reads: where there is nothing, nothing is made. */
export const readStatements = (config: Config): StatementReader => kept(config, readSharedStatements, () => readStore(statementFileOf(config)));

/** What came over SCIM, and merges. */
export const openDirectory = (config: Config): DirectoryStore =>
  kept(config, openSharedDirectory, () => openDirectoryStore(directoryStoreFileOf(config)));

/** For who only reads: where there is nothing, nothing is made. */
export const readDirectory = (config: Config): DirectoryReader =>
  kept(config, readSharedDirectory, () => readDirectoryStore(directoryStoreFileOf(config)));

/** What the directory's store has of people. */
export const openDirectoryRecords = (config: Config): DirectoryRecords =>
  kept(config, openSharedDirectoryRecords, () => openErasableDirectory(directoryStoreFileOf(config)));

/** The provider's own records as far as they name users. */
export const openStatementRecords = (config: Config): StatementRecords =>
  kept(config, openSharedStatementRecords, () => openErasable(statementFileOf(config)));

/** Small files that all collectors of the ledger share. Keys that the data folder has are those of a shared ledger, too, where it has none. */
export function openKeptFiles(config: Config): KeptFiles {
  const inFolder = openFolderFiles(config.data);
  return kept(
    config,
    (target) => openSharedFiles(target, { known: inFolder }),
    () => inFolder,
  );
}

/** What was set at gateways from here. */
export const openGatewayRecords = (config: Config): GatewayRecords => kept(config, openSharedGateways, () => openGatewayStore(budgetFileOf(config)));

/** For commands that only read: where there is nothing, nothing is made. */
export const readGatewayRecords = (config: Config): Omit<GatewayRecords, 'append'> =>
  kept(config, readSharedGateways, () => readGatewayStore(budgetFileOf(config)));

/** Held while limits of a gateway are changed. Rejects with LedgerlineError `unavailable` while another run does. */
export const lockGatewayRecords = (config: Config): Promise<GatewayLock> => kept(config, lockSharedGateway, () => lockGateway(budgetFileOf(config)));

/** What others read by SQL beside the ledger's sums; undefined where the ledger is in files, which nobody reads so. */
export function openSamples(config: Config): SampleStore | undefined {
  const target = targetOf(config);
  return target === undefined ? undefined : openSharedSamples(target);
}

/** Makes or updates the tables. Rejects with a sentence. */
export const initStorage = (config: Config, isCitus: boolean): Promise<TablesMade> =>
  initTables({ target: sharedTarget(config), ...ledgerCalendar(config), isCitus });

export interface CopyingOptions extends Pick<CopyOptions, 'say' | 'onPass'> {
  /** Data folder of the ledger. */
  readonly folder: string;
  /** An empty database, or one with a copy from there that was broken off. */
  readonly url: string;
  readonly passwordFile: string | undefined;
}

/** Copies a data folder to a database. Rejects with a sentence. */
export function copyToDatabase(config: Config, { folder, url, passwordFile, ...options }: CopyingOptions): Promise<Copied> {
  const storage = storageSchema.safeParse({ ...config.storage, url, ...(passwordFile !== undefined && { password_file: passwordFile }) });
  const target = storage.success ? targetOf({ storage: storage.data }) : undefined;
  if (target === undefined) throw new LedgerlineError('invalid', `--to ${storage.error?.issues[0]?.message ?? 'is no database'}.`);
  return copyToShared({ file: ledgerFileOf({ data: folder }), target, ...ledgerCalendar(config), ...options });
}

/** Lets a role of the database read the views of ledgerline_read. Rejects with a sentence. */
export const grantReading = (config: Config, role: string): Promise<void> => grantReadAt(sharedTarget(config), role);

/** The statements that do so. */
export const readingGrants = (config: Config, role: string): string[] => readGrants(role, sharedTarget(config).database);

function sharedTarget(config: Config): Target {
  const target = targetOf(config);
  if (target !== undefined) return target;
  throw new LedgerlineError('invalid', 'The ledger is in files, which nobody else can read.', {
    hint: 'Set storage.url in ledgerline.yaml to keep it in PostgreSQL, or use the boards over Prometheus.',
  });
}

/** What one replica at a time does for all. */
export const openLeases = (config: Config): Leases => kept(config, openSharedLeases, openHeldLeases);

/** What the replicas of a ledger have agreed on; undefined of a ledger that has no replicas. */
export const openSharedSettings = (config: Config): SettingsStore | undefined => kept(config, openAgreedSettings, () => undefined);

/** What replicas leave for each other; undefined of a ledger that has none. */
export const openNotes = (config: Config): Notes | undefined => kept(config, openSharedNotes, () => undefined);
export type { Notes };

/** Adding up roll-ups; undefined of a ledger that does it with each export. */
export const openFolding = (config: Config): Folding | undefined =>
  kept(
    config,
    (target): Folding | undefined => openSharedFolding(target, ledgerCalendar(config)),
    () => undefined,
  );
