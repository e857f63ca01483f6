/** Every source of statement lines that can be imported, by the name that it has in the configuration, in commands and in the lines. */
import type { ImportConfig } from '../config/imports.ts';
import { anthropicAnalytics } from './anthropic/analytics.ts';
import { ANTHROPIC_URL, anthropicAccess } from './anthropic/api.ts';
import { claudeCodeAnalytics } from './anthropic/claude-code.ts';
import { anthropicCost } from './anthropic/cost.ts';
import { anthropicUsage } from './anthropic/usage.ts';
import { JsonClient } from './http/json-client.ts';
import { readKey } from './keys.ts';
import type { StatementSource } from './source.ts';
import type { HttpWorld, ImportWorld } from './world.ts';

/** Throws LedgerlineError `invalid` without a key. */
export function openSource(config: ImportConfig, world: ImportWorld): StatementSource {
  const ofAnthropic = (variables: readonly string[]): HttpWorld => {
    const { fetch, pause, now, signal, modelOf, userOf } = world;
    const access = anthropicAccess(readKey(config, variables, world.env));
    const url = (config.url ?? ANTHROPIC_URL).replace(/\/+$/, '');
    return { client: new JsonClient({ ...access, url, fetch, pause, now, signal }), modelOf, userOf };
  };
  switch (config.source) {
    case 'anthropic-usage':
      return anthropicUsage(ofAnthropic(ADMIN), config.revised_days);
    case 'anthropic-cost':
      return anthropicCost(ofAnthropic(ADMIN), config.revised_days);
    case 'anthropic-analytics':
      return anthropicAnalytics(ofAnthropic(ANALYTICS), config.group_by, config.revised_days);
    case 'claude-code-analytics':
      return claudeCodeAnalytics(ofAnthropic(ADMIN), config.revised_days);
  }
}

const ADMIN = ['LEDGERLINE_ANTHROPIC_ADMIN_KEY'];
/** Either will do. */
const ANALYTICS = ['LEDGERLINE_ANTHROPIC_ANALYTICS_KEY', 'LEDGERLINE_ANTHROPIC_ADMIN_KEY'];
