/**
 * Spans that Anthropic's API exports of the requests it served: one each, with its id and its tokens, and no cost. Attributes as the vendor's
 * SDK names them (@anthropic-ai/sdk 1.14.0), which emits the same for each request it makes; those tell of the same tokens, and are not read.
 */

import type { ApiRequest, ApiTokens } from '../../ledger/api-requests.ts';
import { requestIdKey } from '../../ledger/stand-ins.ts';
import type { Attributes, AttributeValue } from '../attribution/claims.ts';
import { LABEL_CHARACTERS_MAX } from '../claude-code/attributes.ts';
import type { ScopeRecords, Span } from '../telemetry.ts';
import type { Rejection } from '../usage.ts';

const SERVICE = 'claude-platform';
const SCOPE = 'com.anthropic.claude-platform';
const REQUEST_ID = 'anthropic.request.id';
const ORGANIZATION = 'anthropic.organization.id';
const WORKSPACE = 'anthropic.workspace.id';
const MODELS = ['gen_ai.response.model', 'gen_ai.request.model'] as const;
/** All of the prompt: what was read from the cache and written to it is part of it. */
const INPUT = 'gen_ai.usage.input_tokens';
const OUTPUT = 'gen_ai.usage.output_tokens';
const CACHE_READ = 'gen_ai.usage.cache_read.input_tokens';
const CACHE_WRITE = 'gen_ai.usage.cache_write.input_tokens';
const CACHE_WRITE_1H = 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens';
const COUNTS = [INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H] as const;

/** As for events (claude-code/attributes.ts): larger is broken or hostile. */
const COUNT_MAX = 1e9;

export interface ApiSpansOptions {
  readonly readModel: (raw: string) => { readonly model: string };
  /** Of the token. */
  readonly organization?: string | undefined;
  readonly workspace?: string | undefined;
  readonly isBelievable: (timeMs: number) => boolean;
}

export interface ApiSpans {
  readonly requests: readonly Omit<ApiRequest, 'listCost'>[];
  readonly rejections: readonly Rejection[];
  /** Spans of steps and of calls without tokens, and those of other services: accepted, and of no use. */
  readonly ignored: number;
}

export function interpretApiSpans(scopes: readonly ScopeRecords<Span>[], options: ApiSpansOptions): ApiSpans {
  const requests: Omit<ApiRequest, 'listCost'>[] = [];
  const rejections: Rejection[] = [];
  let ignored = 0;
  for (const { resource, scopeName, records } of scopes) {
    const isOfApi = resource.get('service.name') === SERVICE || scopeName === SCOPE;
    for (const span of records) {
      const found = isOfApi ? read(span, resource, options) : undefined;
      if (found === undefined) ignored++;
      else if ('reason' in found) rejections.push(found);
      else requests.push(found);
    }
  }
  return { requests, rejections, ignored };
}

function read(span: Span, resource: Attributes, options: ApiSpansOptions): Omit<ApiRequest, 'listCost'> | Rejection | undefined {
  const attributes = { get: (name: string) => span.attributes.get(name) ?? resource.get(name) };
  const id = text(attributes.get(REQUEST_ID));
  if (id === '' || COUNTS.every((name) => span.attributes.get(name) === undefined)) return undefined;
  const timeMs = span.endMs || span.startMs;
  if (!options.isBelievable(timeMs)) return rejection('invalid_time', `The span of request ${cut(id)} has no believable time.`);
  const tokens = tokensOf(span.attributes);
  if ('reason' in tokens) return tokens;
  return {
    request: requestIdKey(id),
    timeMs,
    organization: options.organization || cut(text(attributes.get(ORGANIZATION))),
    workspace: options.workspace || cut(text(attributes.get(WORKSPACE))),
    model: options.readModel(MODELS.map((name) => text(attributes.get(name))).find((name) => name !== '') ?? '').model,
    tokens,
  };
}

function tokensOf(attributes: Attributes): ApiTokens | Rejection {
  const counts = COUNTS.map((name) => countOf(attributes.get(name)));
  const invalid = COUNTS[counts.indexOf(undefined)];
  if (invalid !== undefined)
    return rejection('invalid_count', `${invalid} is "${cut(String(attributes.get(invalid)))}", expected a count in 0…${COUNT_MAX}.`);
  const [input = 0, output = 0, cacheRead = 0, written = 0, written1h = 0] = counts;
  const cacheCreation1h = Math.min(written1h, written);
  const cached = cacheRead + written;
  if (input < cached) return rejection('invalid_count', `${INPUT} is ${input}, less than the ${cached} tokens of the cache that are part of it.`);
  return { input: input - cached, output, cacheRead, cacheCreation5m: written - cacheCreation1h, cacheCreation1h };
}

/** 0 when absent; undefined when it is no count. */
function countOf(value: AttributeValue | undefined): number | undefined {
  if (value === undefined || value === '') return 0;
  const count = typeof value === 'boolean' ? Number.NaN : Number(value);
  return Number.isInteger(count) && count >= 0 && count <= COUNT_MAX ? count : undefined;
}

const rejection = (reason: string, message: string): Rejection => ({ reason, message: `${message} Nothing of this span was kept.` });
const text = (value: AttributeValue | undefined): string => (typeof value === 'string' ? value.trim() : '');
const cut = (name: string): string => name.slice(0, LABEL_CHARACTERS_MAX);
