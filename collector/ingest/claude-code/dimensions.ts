/** What every record of Claude Code says about itself, whichever signal it comes in. */
import type { DimensionName, Dimensions } from '../../catalog/measures.ts';
import type { Attributes } from '../attribution/claims.ts';
import { readLabel } from './attributes.ts';

export type MutableDimensions = Partial<Record<DimensionName, string>>;

/** Attributes that are a dimension as they are. */
const PLAIN: readonly (readonly [attribute: string, dimension: DimensionName])[] = [
  ['terminal.type', 'terminal'],
  ['anthropic.provider', 'provider'],
  ['anthropic.plan', 'plan'],
  ['anthropic.seat_type', 'seat'],
  ['app.entrypoint', 'entry_point'],
  ['effort', 'effort'],
  ['agent.name', 'agent'],
  ['skill.name', 'skill'],
  ['plugin.name', 'plugin'],
  ['mcp_server.name', 'mcp_server'],
];

/** The same of the resource, which is one for all records of a process. */
const PLAIN_OF_RESOURCE: readonly (readonly [attribute: string, dimension: DimensionName])[] = [['os.type', 'os']];

export function readResourceDimensions(resource: Attributes): Dimensions {
  const dimensions: MutableDimensions = {};
  readPlain(PLAIN_OF_RESOURCE, resource, dimensions);
  return dimensions;
}

/** What a record has from where it came: the version of its scope or service, and the dimensions of its resource. */
interface Source {
  readonly version: string;
  readonly resource: { readonly dimensions: Dimensions };
}

/** Adds the dimensions that any record may carry. What the record itself says wins. */
export function readCommonDimensions(attributes: Attributes, { version, resource }: Source, into: MutableDimensions): void {
  Object.assign(into, resource.dimensions);
  const clientVersion = readLabel(attributes, 'app.version') ?? version;
  if (clientVersion !== '') into.client_version = clientVersion;
  readPlain(PLAIN_OF_RESOURCE, attributes, into);
  readPlain(PLAIN, attributes, into);
  readQuerySource(attributes, into);
}

function readPlain(plain: typeof PLAIN, attributes: Attributes, into: MutableDimensions): void {
  for (const [attribute, dimension] of plain) {
    const label = readLabel(attributes, attribute);
    if (label !== undefined) into[dimension] = label;
  }
}

function readQuerySource(attributes: Attributes, into: MutableDimensions): void {
  const source = readLabel(attributes, 'query_source');
  if (source === undefined) return;
  into.query_source = coarseQuerySource(source, into.agent !== undefined || attributes.has('agent_id'));
  if (!COARSE.has(source)) into.query_source_detail = source;
  if (into.agent === undefined && source.startsWith('agent:')) into.agent = source.slice(source.lastIndexOf(':') + 1) || 'unknown';
}

const COARSE: ReadonlySet<string> = new Set(['main', 'subagent', 'auxiliary']);

/**
 * Metrics say main, subagent or auxiliary; events say it finely. Seen together on 2.1.329: sdk and repl_main_thread are
 * main, agent:… is subagent, compact is auxiliary. So whatever is neither the conversation nor an agent is auxiliary
 * (titles, summaries, web search, hooks' prompts).
 */
export function coarseQuerySource(source: string, hasAgent = false): string {
  if (COARSE.has(source)) return source;
  if (source.startsWith('agent:') || source === 'hook_agent' || hasAgent) return 'subagent';
  return source === 'sdk' || source.startsWith('repl_main_thread') ? 'main' : 'auxiliary';
}
