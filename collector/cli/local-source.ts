/**
 * The ledger's own files, or its database, as a source: for commands where no collector answers, and for --data.
 * What few questions need is loaded for them alone.
 */
import type { RefusalTotal } from '../catalog/refusals.ts';
import type { Config } from '../config/config.ts';
import { refusalFileOf } from '../config/data-folder.ts';
import type { Finding } from '../core/finding.ts';
import type { Directory } from '../directory/directory.ts';
import { learntTable } from '../pricing/learn/learnt-file.ts';
import { configuredPrices } from '../pricing/load.ts';
import type { Asking } from '../query/question.ts';
import { openKeptFiles, openLedgerReader, readBudgetJournal, readDirectory, readStatements } from '../storage/open.ts';
import { isCollecting } from './collecting.ts';
import type { Source } from './source-contract.ts';
import { storedLearnt } from './stored-prices.ts';
import type { Terminal } from './terminal.ts';

/** Rejects with LedgerlineError `not_found` when there is no ledger. */
export async function openLocalSource(config: Config, { now }: Pick<Terminal, 'now'>): Promise<Source> {
  const reader = await openLedgerReader(config);
  const journal = await readBudgetJournal(config);
  // What replicas have learnt is in their database; reading a file can wait until somebody asks for it.
  const learnt = config.storage.url === undefined ? undefined : learntTable(await storedLearnt(config));
  const asking: Asking = {
    ...{ reader, scope: 'all', asker: { credentials: {}, mayRead: true }, config, now, budgets: journal, alerts: NO_ALERTS },
    get directory() {
      return () => localDirectory(config);
    },
    get prices() {
      return configuredPrices(config, learnt && (() => learnt));
    },
    selfText: async () => '',
    refusals: () => localRefusals(config),
    statements: () => readStatements(config),
    findings: async () => {
      const { localFindings } = await import('./local-findings.ts');
      return localFindings(config, { reader, prices: asking.prices, nowMs: now() });
    },
  };
  return {
    ask: async (question, parameters, path) => (await question.respond({ parameters, ...(path && { path }) }, asking)).answer,
    findings: async () => ((await isCollecting(config)) ? [] : [NOT_COLLECTING]),
    export: async (parameters) => {
      const { localExport } = await import('./export-source.ts');
      return localExport(asking, parameters);
    },
    close: async () => {
      await journal.close();
      await reader.close();
    },
  };
}

async function localRefusals(config: Config): Promise<readonly RefusalTotal[]> {
  if (config.storage.url === undefined) {
    const { readRefusals } = await import('../ingest/refusals/refusal-file.ts');
    return readRefusals(refusalFileOf(config));
  }
  const { keptRefusals } = await import('../ingest/refusals/shared-refusals.ts');
  const files = await openKeptFiles(config);
  try {
    return await keptRefusals(files);
  } finally {
    await files.close();
  }
}

const directories = new WeakMap<Config, Directory>();

/** Read where it is asked for. Of two that ask at once, both read: they find the same. */
async function localDirectory(config: Config): Promise<Directory> {
  const known = directories.get(config);
  if (known !== undefined) return known;
  const { loadDirectory } = await import('../directory/load.ts');
  const store = await readDirectory(config);
  try {
    const directory = loadDirectory(config, await store.stored());
    directories.set(config, directory);
    return directory;
  } finally {
    await store.close();
  }
}

/** Commands read them from the outbox, see alert-source.ts. */
const NO_ALERTS: Asking['alerts'] = { records: async () => [], deliveries: async () => [] };

const NOT_COLLECTING: Finding = {
  code: 'collector_not_running',
  severity: 'critical',
  message: 'No collector is running on this ledger, so no telemetry can arrive.',
  remedy: 'Start it with `npm run up` or `ledgerline serve`, or use --url for one that runs elsewhere.',
};
