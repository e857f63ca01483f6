/** Model ids come with regions, vendors, dates and variants, and differ between sources. One model, one name. */
import { LRUCache } from 'lru-cache';

export interface NormalizedModel {
  readonly model: string;
  /** Does it name a Claude family, so that all sources are known to spell it alike? */
  readonly recognized: boolean;
  /** The id of a deployment or of a gateway that stands for the model in fast mode ends so: "claude-opus-5-5-fast". */
  readonly speed?: 'fast';
  /** What a cloud puts before the vendor: us, eu, apac, global, …; undefined when there is none. */
  readonly region?: string;
}

export type Aliases = Readonly<Record<string, string>>;

const MODEL_CHARACTERS_MAX = 200;
/** claude-<family>-<version>, or with the version first as up to Claude 3.7. */
const CLAUDE = /^claude-(?:\d[\d-]*-)?(?:opus|sonnet|haiku|fable|mythos|instant)(?:-[a-z0-9-]+)?$/;
const CONTEXT_VARIANT = /\[[^\]]*\]$/;
const REGION = /^(global|apac|emea|us-gov|[a-z]{2})\.(?=anthropic\.|claude)/;
/** Bedrock puts it after the date, Vertex before. */
const REVISION = /-v\d+(?::\d+)*(?::\d+k)?$/;
const DATE = /[-@](?:\d{8}|latest|default)$/;
const DOTTED_VERSION = /(\d)\.(?=\d)/g;
/** "claude-opus-4-0" is the undated name of "claude-opus-4". */
const ZERO_MINOR = /(-\d+)-0$/;
const VENDOR = /^(?:anthropic\.|databricks-(?=claude))/;
const FAST = /-fast$/;

/**
 * Takes region, vendor, path, date and context variant off a model id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
 * "claude-sonnet-4-5@20250929" and "claude-sonnet-4-5[1m]" are all "claude-sonnet-4-5". An alias of the configuration
 * comes first. "claude-opus-5-5-fast" is "claude-opus-5-5" in fast mode. What names no Claude family (an ARN of an application profile, a deployment) stays as it was sent.
 */
export function normalizeModel(raw: string, aliases: Aliases = {}): NormalizedModel {
  const sent = raw.trim();
  const bare = sent.replace(CONTEXT_VARIANT, '').trim() || sent;
  const named = findAlias(aliases, sent) ?? findAlias(aliases, bare) ?? bare;
  const id = lastPart(named.toLowerCase());
  const reduced = reduce(id.replace(FAST, ''));
  const model = reduced.replace(FAST, '').replace(ZERO_MINOR, '$1');
  const isFast = FAST.test(id) || FAST.test(reduced);
  if (!CLAUDE.test(model)) return { model: named.slice(0, MODEL_CHARACTERS_MAX), recognized: false };
  // An alias may leave out what the id that was sent says.
  const region = regionOf(id) ?? regionOf(lastPart(bare.toLowerCase()));
  return { model, recognized: true, ...(region !== undefined && { region }), ...(isFast && { speed: 'fast' }) };
}

const lastPart = (id: string): string => id.slice(id.lastIndexOf('/') + 1);
const regionOf = (id: string): string | undefined => REGION.exec(id)?.[1];

function findAlias(aliases: Aliases, id: string): string | undefined {
  return Object.hasOwn(aliases, id) ? aliases[id]?.replace(CONTEXT_VARIANT, '') : undefined;
}

function reduce(id: string): string {
  return id.replace(REGION, '').replace(VENDOR, '').replace(REVISION, '').replace(DATE, '').replace(REVISION, '').replace(DOTTED_VERSION, '$1-');
}

const REMEMBERED_MAX = 2_000;

/** normalizeModel that remembers: the same few ids arrive with every record. */
export function createModelReader(aliases: Aliases): (raw: string) => NormalizedModel {
  const remembered = new LRUCache<string, NormalizedModel>({ max: REMEMBERED_MAX, memoMethod: (raw) => normalizeModel(raw, aliases) });
  return (raw) => remembered.memo(raw);
}
