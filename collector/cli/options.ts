/** Options that several commands share: where the configuration is, and which ledger to ask. */
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { CONFIG_FILE, type ConfigFlags, loadConfig } from '../config/load.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Terminal } from './terminal.ts';

export interface LedgerOptions {
  readonly config?: string;
  readonly data?: string;
  readonly demo?: boolean;
}

export interface SourceOptions extends LedgerOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  /** Say where the figures come from. */
  readonly verbose?: boolean;
}

export const tokenFileOf = ({ tokenFile }: SourceOptions, { env }: Pick<Terminal, 'env'>): string | undefined =>
  tokenFile ?? env.LEDGERLINE_TOKEN_FILE;

/** The demo's data folder. */
export const demoFolder = ({ data }: Pick<Config, 'data'>): string => join(data, 'demo');

export const withLedger = (command: Command): Command =>
  command
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .option('--data <folder>', 'folder of the ledger (default: "ledgerline-data")')
    .option('--demo', 'the ledger of the demo');

export const withSource = (command: Command): Command =>
  withLedger(command)
    .option('--url <url>', 'ask the collector there, such as http://127.0.0.1:8484')
    .option('--token-file <file>', 'file with the token for the collector (default: LEDGERLINE_TOKEN_FILE)');

/** The demo never mixes with real data: unless --data says where, it has a folder of its own inside. */
export function settings(options: LedgerOptions, terminal: Terminal, flags: ConfigFlags = {}): Config {
  const { config: file, data, demo = false } = options;
  const config = loadConfig({ file, env: terminal.env, flags: data === undefined ? flags : { ...flags, '--data': data } });
  return demo && data === undefined ? { ...config, data: demoFolder(config) } : config;
}

/** A database is copied by its own tools. */
export function refuseShared({ storage }: Pick<Config, 'storage'>, command: 'backup' | 'restore'): void {
  if (storage.url === undefined) return;
  throw new LedgerlineError('invalid', `\`ledgerline ${command}\` is for a ledger in files; this one is in a database (storage.url).`, {
    hint: 'Use pg_dump and pg_restore, pg_basebackup, or what your provider offers: docs/operations.md.',
  });
}
