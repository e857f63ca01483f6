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
import type { Copied, CopyOptions } from './copy/copy.ts';
import type { CommitListener } from './pending-appends.ts';
import type { Folding } from './postgres/folding.ts';
import type { TablesMade } from './postgres/init.ts';
import type { ReaderOptions as SharedReaderOptions } from './postgres/ledger-reader.ts';
import type { Notes } from './postgres/notes.ts';
import type { SettingsStore } from './postgres/shared-settings.ts';
import { type Target, targetOf } from './postgres/target.ts';
import type { Conversion } from './sqlite/conversion.ts';

export type { Conversion };

/** In the database that the configuration names, else in files of the data folder. Neither loads what the other needs. */
async function kept<Store>(
  config: Config,
  shared: (target: Target) => Store | Promise<Store>,
  embedded: () => Store | Promise<Store>,
): Promise<Store> {
  const target = targetOf(config);
  return target === undefined ? embedded() : shared(target);
}

const optionsOf = (config: Config) => ({ file: ledgerFileOf(config), ...ledgerCalendar(config) });

export interface WritingOptions extends CommitListener {
  /** Values of dimensions that are always kept apart. */
  readonly names?: ValueLimits['names'];
  /** Where replicas share a ledger that has another calendar. All have to be stopped for a rebuild. Default: 'refuse'. */
  readonly otherCalendar?: 'refuse' | 'rebuild';
  /** Of a file alone, which a former version wrote. */
  readonly onConversion?: ((conversion: Conversion) => void) | undefined;
  /** Of a database alone: a sentence each time its tables have to be updated, and are in use. */
  readonly onWaiting?: ((sentence: string) => void) | undefined;
}

/** Makes or migrates the ledger where needed. Rejects with a sentence when it cannot be used. */
export function openLedgerWriter(config: Config, { names = {}, ...options }: WritingOptions = {}): Promise<LedgerWriter> {
  const { rebooked_entries: rebookedEntries, values, new_values_per_hour: newPerHour, new_values_per_day: newPerDay } = config.limits;
  const limits = { rebookedEntries, values, newPerHour, newPerDay, names };
  return kept(
    config,
    async (target) => (await import('./postgres/ledger-writer.ts')).openWriter({ target, ...ledgerCalendar(config), limits, ...options }),
    async () => (await import('./sqlite/ledger-writer.ts')).openWriter({ ...optionsOf(config), limits, ...options }),
  );
}

async function sharedReader(config: Config, options: Pick<SharedReaderOptions, 'target' | 'wants'>): Promise<LedgerReader> {
  const { openReader } = await import('./postgres/ledger-reader.ts');
  return openReader({ ...options, ...ledgerCalendar(config), connections: config.storage.connections });
}

/** Brings what a collector that was killed left beside the ledger's file into it, as a start would. Answers the file that it cannot bring in. */
export const settleLedger = (config: Config): Promise<string | undefined> =>
  kept<string | undefined>(
    config,
    () => undefined,
    async () => {
      const { file, ...calendar } = optionsOf(config);
      return (await import('./sqlite/settle.ts')).settleUnlessRunning(file, calendar);
    },
  );

/** Rejects with LedgerlineError `not_found` when there is no ledger; where replicas share one, what is asked of it rejects so. */
export const openLedgerReader = (config: Config): Promise<LedgerReader> =>
  kept(
    config,
    (target) => sharedReader(config, { target }),
    async () => (await import('./sqlite/ledger-reader.ts')).openReader(optionsOf(config)),
  );

/** For who may be some seconds behind: a standby's, where storage.read_url names one. */
export function openLaggingReader(config: Config): Promise<LedgerReader> {
  const target = config.storage.read_url === undefined ? undefined : targetOf(config, config.storage.read_url);
  return target === undefined ? openLedgerReader(config) : sharedReader(config, { target, wants: 'any' });
}

/** Of files it blocks while it reads: on a thread that has nothing else to do. Rejects as openLedgerReader. */
export const openRepricingReader = (config: Config): Promise<RepricingReader> =>
  kept<RepricingReader>(
    config,
    async (target) => (await import('./postgres/priced-sessions.ts')).openPricedSessions(target),
    async () => new (await import('./sqlite/priced-sessions.ts')).PricedSessions(ledgerFileOf(config)),
  );

/** Where a long query takes nothing of this thread, for those who must not wait: on a thread of its own, or in the database. */
export const openLedgerElsewhere = (config: Config): Promise<Pick<LedgerSnapshot, 'query' | 'people'> & { close(): Promise<void> }> =>
  kept<Awaited<ReturnType<typeof openLedgerElsewhere>>>(
    config,
    (target) => sharedReader(config, { target }),
    async () => {
      const { QueryThread } = await import('./sqlite/query-client.ts');
      return new QueryThread(optionsOf(config));
    },
  );

export const openBudgetJournal = (config: Config): Promise<BudgetWriter> =>
  kept(
    config,
    async (target) => (await import('./postgres/budget-store.ts')).openBudgetStore(target),
    async () => (await import('./sqlite/budget-store.ts')).openBudgetStore(budgetFileOf(config)),
  );

/** For commands that only read: where there is nothing, nothing is made. */
export const readBudgetJournal = (config: Config): Promise<BudgetJournal & Pick<BudgetWriter, 'close'>> =>
  kept(
    config,
    async (target) => (await import('./postgres/budget-store.ts')).readBudgetJournal(target),
    async () => (await import('./sqlite/budget-store.ts')).readBudgetJournal(budgetFileOf(config)),
  );

/** Budgets, alerts and messages as far as they name people. */
export const openPersonalRecords = (config: Config): Promise<OperatorRecords> =>
  kept(
    config,
    async (target) => (await import('./postgres/operator-records.ts')).openOperatorRecords(target),
    async () => (await import('./sqlite/operator-records.ts')).openOperatorRecords(budgetFileOf(config)),
  );

export const openOutbox = (config: Config): Promise<Outbox> =>
  kept(
    config,
    async (target) => (await import('./postgres/alert-store.ts')).openAlertStore(target),
    async () => (await import('./sqlite/alert-store.ts')).openAlertStore(budgetFileOf(config)),
  );

/** The provider's own records. */
export const openStatements = (config: Config): Promise<StatementStore> =>
  kept(
    config,
    async (target) => (await import('./postgres/statement-store.ts')).openStatementStore(target),
    async () => (await import('./sqlite/statement-store.ts')).openStatementStore(statementFileOf(config)),
  );

/** For who only reads: where there is nothing, nothing is made. */
export const readStatements = (config: Config): Promise<StatementReader> =>
  kept(
    config,
    async (target) => (await import('./postgres/statement-store.ts')).readStatements(target),
    async () => (await import('./sqlite/statement-store.ts')).readStatements(statementFileOf(config)),
  );

/** What came over SCIM, and merges. */
export const openDirectory = (config: Config): Promise<DirectoryStore> =>
  kept(
    config,
    async (target) => (await import('./postgres/directory-store.ts')).openDirectoryStore(target),
    async () => (await import('./sqlite/directory-store.ts')).openDirectoryStore(directoryStoreFileOf(config)),
  );

/** For who only reads: where there is nothing, nothing is made. */
export const readDirectory = (config: Config): Promise<DirectoryReader> =>
  kept(
    config,
    async (target) => (await import('./postgres/directory-store.ts')).readDirectory(target),
    async () => (await import('./sqlite/directory-store.ts')).readDirectory(directoryStoreFileOf(config)),
  );

/** What the directory's store has of people. */
export const openDirectoryRecords = (config: Config): Promise<DirectoryRecords> =>
  kept(
    config,
    async (target) => (await import('./postgres/directory-erasure.ts')).openDirectoryRecords(target),
    async () => (await import('./sqlite/directory-erasure.ts')).openDirectoryRecords(directoryStoreFileOf(config)),
  );

/** The provider's own records as far as they name users. */
export const openStatementRecords = (config: Config): Promise<StatementRecords> =>
  kept(
    config,
    async (target) => (await import('./postgres/statement-erasure.ts')).openStatementRecords(target),
    async () => (await import('./sqlite/statement-erasure.ts')).openStatementRecords(statementFileOf(config)),
  );

/** Small files that all collectors of the ledger share. Keys that the data folder has are those of a shared ledger, too, where it has none. */
export async function openKeptFiles(config: Config): Promise<KeptFiles> {
  const inFolder = (await import('./sqlite/kept-files.ts')).openKeptFiles(config.data);
  return kept(
    config,
    async (target) => (await import('./postgres/kept-files.ts')).openKeptFiles(target, { known: inFolder }),
    () => inFolder,
  );
}

/** What was set at gateways from here. */
export const openGatewayRecords = (config: Config): Promise<GatewayRecords> =>
  kept(
    config,
    async (target) => (await import('./postgres/gateway-store.ts')).openGatewayStore(target),
    async () => (await import('./sqlite/gateway-store.ts')).openGatewayStore(budgetFileOf(config)),
  );

/** For commands that only read: where there is nothing, nothing is made. */
export const readGatewayRecords = (config: Config): Promise<Omit<GatewayRecords, 'append'>> =>
  kept(
    config,
    async (target) => (await import('./postgres/gateway-store.ts')).readGatewayStore(target),
    async () => (await import('./sqlite/gateway-store.ts')).readGatewayStore(budgetFileOf(config)),
  );

/** Held while limits of a gateway are changed. Rejects with LedgerlineError `unavailable` while another run does. */
export const lockGatewayRecords = (config: Config): Promise<GatewayLock> =>
  kept(
    config,
    async (target) => (await import('./postgres/gateway-store.ts')).lockGateway(target),
    async () => (await import('./sqlite/gateway-store.ts')).lockGateway(budgetFileOf(config)),
  );

/** What others read by SQL beside the ledger's sums; undefined where the ledger is in files, which nobody reads so. */
export const openSamples = (config: Config): Promise<SampleStore | undefined> =>
  kept(
    config,
    async (target) => (await import('./postgres/samples.ts')).openSharedSamples(target),
    () => undefined,
  );

/** Makes or updates the tables. Rejects with a sentence. */
export async function initStorage(config: Config, isCitus: boolean, onWaiting: WritingOptions['onWaiting']): Promise<TablesMade> {
  const target = sharedTarget(config);
  const { initTables } = await import('./postgres/init.ts');
  return initTables({ target, ...ledgerCalendar(config), isCitus, onWaiting });
}

export interface CopyingOptions extends Pick<CopyOptions, 'say' | 'onPass' | 'onLast'> {
  /** Data folder of an embedded ledger. */
  readonly folder: string;
  /** Of a database. */
  readonly url: string;
  readonly passwordFile: string | undefined;
}

/** Copies a data folder to a database: an empty one, or one with a copy from there that was broken off. Rejects with a sentence. */
export async function copyToDatabase(config: Config, { folder, url, passwordFile, ...options }: CopyingOptions): Promise<Copied> {
  const target = copiedTarget(config, { option: '--to', url, passwordFile });
  const { copyToShared } = await import('./copy/to-shared.ts');
  return copyToShared({ file: ledgerFileOf({ data: folder }), target, ...ledgerCalendar(config), ...options });
}

/** The other way round. */
export async function copyToDataFolder(config: Config, { folder, url, passwordFile, ...options }: CopyingOptions): Promise<Copied> {
  const from = copiedTarget(config, { option: '--from', url, passwordFile });
  const { copyToFolder } = await import('./copy/to-folder.ts');
  return copyToFolder({ from, folder, ...ledgerCalendar(config), ...options });
}

function copiedTarget(
  config: Config,
  { option, url, passwordFile }: Pick<CopyingOptions, 'url' | 'passwordFile'> & { readonly option: string },
): Target {
  const storage = storageSchema.safeParse({ ...config.storage, url, ...(passwordFile !== undefined && { password_file: passwordFile }) });
  const target = storage.success ? targetOf({ storage: storage.data }) : undefined;
  if (target !== undefined) return target;
  throw new LedgerlineError('invalid', `${option} ${storage.error?.issues[0]?.message ?? 'is no database'}.`);
}

/** Rejects with a sentence while a copy fills the database. */
export const refuseUnfinishedCopy = (config: Config): Promise<void> =>
  kept<void>(
    config,
    async (target) => (await import('./postgres/unfinished-copy.ts')).refuseUnfinishedCopyAt(target),
    () => undefined,
  );

/** Lets a role of the database read the views of ledgerline_read. Rejects with a sentence. */
export async function grantReading(config: Config, role: string): Promise<void> {
  const target = sharedTarget(config);
  const { grantReadAt } = await import('./postgres/read-grants.ts');
  await grantReadAt(target, role);
}

/** The statements that do so. */
export async function readingGrants(config: Config, role: string): Promise<string[]> {
  const { database, user } = sharedTarget(config);
  const { readGrants } = await import('./postgres/read-grants.ts');
  return readGrants(role, { database, writer: user });
}

function sharedTarget(config: Config): Target {
  const target = targetOf(config);
  if (target !== undefined) return target;
  throw new LedgerlineError('invalid', 'The ledger is in files, which nobody else can read.', {
    hint: 'Set storage.url in ledgerline.yaml to keep it in PostgreSQL, or use the boards over Prometheus.',
  });
}

/** What one replica at a time does for all. */
export const openLeases = (config: Config): Promise<Leases> =>
  kept<Leases>(
    config,
    async (target) => (await import('./postgres/leases.ts')).openSharedLeases(target),
    async () => (await import('./sqlite/leases.ts')).openLeases(),
  );

/** What the replicas of a ledger have agreed on; undefined of a ledger that has no replicas. */
export const openSharedSettings = (config: Config): Promise<SettingsStore | undefined> =>
  kept(
    config,
    async (target) => (await import('./postgres/shared-settings.ts')).openSharedSettings(target),
    () => undefined,
  );

/** Whether a collector runs on a shared ledger, by what it leases there; undefined of a ledger in files, which its collector holds locked. */
export const hasRunningReplicas = async (config: Config): Promise<boolean | undefined> =>
  kept<boolean | undefined>(
    config,
    async (target) => (await import('./postgres/running.ts')).readRunning(target),
    () => undefined,
  );

/** What replicas leave for each other; undefined of a ledger that has none. */
export const openNotes = (config: Config): Promise<Notes | undefined> =>
  kept(
    config,
    async (target) => (await import('./postgres/notes.ts')).openNotes(target),
    () => undefined,
  );
export type { Notes };

/** Adding up roll-ups; undefined of a ledger that does it with each export. */
export const openFolding = (config: Config): Promise<Folding | undefined> =>
  kept(
    config,
    async (target) => (await import('./postgres/folding.ts')).openFolding(target, ledgerCalendar(config)),
    () => undefined,
  );
