/** What tests of imports share: a store in a folder of its own, a stand-in, and a run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importWords } from '../../collector/app/import-words.ts';
import { defaultConfig } from '../../collector/config/config.ts';
import { defaultImport, type ImportConfig, type ImportSource } from '../../collector/config/imports.ts';
import { loadDirectory } from '../../collector/directory/load.ts';
import { type ImportOptions, type ImportSummary, runImport } from '../../collector/imports/run.ts';
import { openSource } from '../../collector/imports/sources.ts';
import type { StatementStore } from '../../collector/imports/statements.ts';
import type { ImportWorld } from '../../collector/imports/world.ts';
import { openStatementStore } from '../../collector/storage/sqlite/statement-store.ts';
import { ADMIN_KEY, AnthropicStandIn } from '../support/imports/anthropic.ts';

export const NOW = Date.parse('2026-11-28T12:00:00Z');
export const ALL = { from: '', to: '~' };

export interface Importing {
  readonly folder: string;
  readonly file: string;
  readonly store: StatementStore;
  readonly api: AnthropicStandIn;
  /** Milliseconds that were waited for. */
  readonly pauses: number[];
  run(source: ImportSource, options?: RunOptions): Promise<ImportSummary>;
  stop(): Promise<void>;
}

export interface RunOptions extends Partial<Pick<ImportOptions, 'wanted' | 'isTrial' | 'acceptsEmpty' | 'onDay' | 'signal' | 'store'>> {
  readonly config?: Partial<ImportConfig>;
  readonly nowMs?: number;
  readonly account?: string;
  readonly world?: Partial<ImportWorld>;
}

export async function importing(): Promise<Importing> {
  const folder = mkdtempSync(join(tmpdir(), 'ledgerline-imports-'));
  const file = join(folder, 'statements.sqlite');
  const store = openStatementStore(file);
  const api = await new AnthropicStandIn().start();
  const pauses: number[] = [];
  const run: Importing['run'] = (source, { config, nowMs = NOW, account = '', world, ...options } = {}) => {
    const now = (): number => nowMs;
    const pause = async (ms: number): Promise<void> => void pauses.push(ms);
    const env = { LEDGERLINE_ANTHROPIC_ADMIN_KEY: ADMIN_KEY };
    // The union of sources cannot be spread; the part of the test's own choosing fits its source.
    const entry = { ...defaultImport(source), url: api.url, ...config } as ImportConfig;
    const opened = openSource(entry, {
      ...importWords(defaultConfig(), loadDirectory(defaultConfig())),
      env,
      fetch,
      pause,
      now,
      signal: options.signal,
      ...world,
    });
    return runImport({ origin: { source, account }, source: opened, store, wanted: {}, isTrial: false, now, ...options });
  };
  const stop = async (): Promise<void> => {
    await store.close();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, file, store, api, pauses, run, stop };
}
