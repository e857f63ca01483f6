/** Every source of statement lines that can be imported, by the name that it has in the configuration, in commands and in the lines. */
import { type FilesImportConfig, type HttpImportConfig, type ImportConfig, isOfFiles } from '../config/imports.ts';
import { LedgerlineError } from '../core/error.ts';
import { anthropicAnalytics } from './anthropic/analytics.ts';
import { ANTHROPIC_URL, anthropicAccess } from './anthropic/api.ts';
import { claudeCodeAnalytics } from './anthropic/claude-code.ts';
import { anthropicCost } from './anthropic/cost.ts';
import { anthropicUsage } from './anthropic/usage.ts';
import { awsCur } from './aws/cur.ts';
import { gcpBilling } from './gcp/billing.ts';
import { JsonClient } from './http/json-client.ts';
import { readKey } from './keys.ts';
import { LITELLM_URL, litellmAccess } from './litellm/api.ts';
import { litellm } from './litellm/spend-logs.ts';
import type { StatementSource } from './source.ts';
import type { HttpWorld, ImportWorld } from './world.ts';

/** Throws LedgerlineError `invalid` without a key, or a path. */
export const openSource = (config: ImportConfig, world: ImportWorld): StatementSource =>
  isOfFiles(config) ? openFiles(config, world) : openHttp(config, world);

function openFiles(config: FilesImportConfig, world: ImportWorld): StatementSource {
  if (config.path === undefined) {
    throw new LedgerlineError('invalid', `There is no path for ${config.source}.`, {
      hint: 'Name the file of an export, or the folder with its files, with --path or path in imports: of ledgerline.yaml. See docs/imports.md.',
    });
  }
  return config.source === 'aws-cur' ? awsCur([config.path], config, world) : gcpBilling([config.path], config, world);
}

function openHttp(config: HttpImportConfig, world: ImportWorld): StatementSource {
  const over = (access: (key: string) => AccessOf, address: string, variables: readonly string[]): HttpWorld => {
    const { fetch, pause, now, signal, modelOf, userOf } = world;
    const url = (config.url ?? address).replace(/\/+$/, '');
    return { client: new JsonClient({ ...access(readKey(config, variables, world.env)), url, fetch, pause, now, signal }), modelOf, userOf };
  };
  const ofAnthropic = (variables: readonly string[]): HttpWorld => over(anthropicAccess, ANTHROPIC_URL, variables);
  switch (config.source) {
    case 'anthropic-usage':
      return anthropicUsage(ofAnthropic(ADMIN), config.revised_days);
    case 'anthropic-cost':
      return anthropicCost(ofAnthropic(ADMIN), config.revised_days);
    case 'anthropic-analytics':
      return anthropicAnalytics(ofAnthropic(ANALYTICS), config.group_by, config.revised_days);
    case 'claude-code-analytics':
      return claudeCodeAnalytics(ofAnthropic(ADMIN), config.revised_days);
    case 'litellm':
      return litellm(over(litellmAccess, LITELLM_URL, LITELLM), config);
  }
}

type AccessOf = ReturnType<typeof anthropicAccess>;

const LITELLM = ['LEDGERLINE_LITELLM_KEY'];
const ADMIN = ['LEDGERLINE_ANTHROPIC_ADMIN_KEY'];
/** Either will do. */
const ANALYTICS = ['LEDGERLINE_ANTHROPIC_ANALYTICS_KEY', 'LEDGERLINE_ANTHROPIC_ADMIN_KEY'];
