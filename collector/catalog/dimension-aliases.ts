/** What people call dimensions when they type them. */
import { suggest } from '../core/suggest.ts';
import { currentName } from './former-names.ts';
import { DIMENSION_NAMES, type DimensionName, isDimension } from './measures.ts';

/** A feature is what made the request, as Claude Code names it in the event: the prompt, a subagent, a compaction, a title. */
export const DIMENSION_ALIASES = {
  feature: 'query_source_detail',
  source: 'query_source',
  version: 'client_version',
  client: 'client_version',
  mcp: 'mcp_server',
  subagent: 'agent',
  developer: 'user',
  person: 'user',
  project: 'workspace',
  repo: 'repository',
  org: 'organization',
  slash_command: 'command',
  platform: 'os',
  cloud: 'provider',
  ide: 'terminal',
  ci: 'job',
  workflow: 'job',
  pipeline: 'job',
  pr: 'pull_request',
  merge_request: 'pull_request',
} as const satisfies Record<string, DimensionName>;

const isAlias = (name: string): name is keyof typeof DIMENSION_ALIASES => Object.hasOwn(DIMENSION_ALIASES, name);

/** The dimension that a word means: by name, alias or former name, in any capitals, with hyphens, in the plural. */
export function dimensionOf(word: string): DimensionName | undefined {
  const name = word.trim().toLowerCase().replaceAll(/[-\s]/g, '_');
  return [name, name.replace(/s$/, ''), name.replace(/ies$/, 'y')].map(knownAs).find((found) => found !== undefined);
}

function knownAs(name: string): DimensionName | undefined {
  const current = isAlias(name) ? DIMENSION_ALIASES[name] : currentName(name);
  return isDimension(current) ? current : undefined;
}

/** The name or alias nearest to a misspelt one. */
export const nearestDimension = (word: string): string | undefined => suggest(word, [...DIMENSION_NAMES, ...Object.keys(DIMENSION_ALIASES)]);
