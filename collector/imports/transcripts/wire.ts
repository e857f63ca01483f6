/** Requests of transcripts as an export of log records in OTLP's JSON: the attributes of api_request, and what an import says (catalog/imported.ts). */
import { IMPORT_SCOPE, IMPORTED } from '../../catalog/imported.ts';
import { VERSION } from '../../core/version.ts';
import type { CollectedRequest } from './collect.ts';
import { type TranscriptTokens, writesOf } from './request.ts';

export interface WireOptions {
  /** E-mail address of their user. */
  readonly user?: string | undefined;
  /** The address of a folder's repository, without credentials. */
  readonly repositoryOf: (folder: string) => string | undefined;
}

type Value = string | number | undefined;
type Values = Readonly<Record<string, Value>>;

const NS_PER_MS = 1_000_000n;

/** An ExportLogsServiceRequest. */
export const exportOf = (requests: readonly CollectedRequest[], options: WireOptions): object => ({
  resourceLogs: [
    {
      resource: { attributes: attributesOf({ 'service.name': IMPORT_SCOPE, 'service.version': VERSION }) },
      scopeLogs: [
        {
          scope: { name: IMPORT_SCOPE, version: VERSION },
          logRecords: requests.flatMap((request) => recordsOf(request, options).map((values) => recordOf(request.timeMs, values))),
        },
      ],
    },
  ],
});

const recordOf = (timeMs: number, values: Values): object => ({
  timeUnixNano: String(BigInt(timeMs) * NS_PER_MS),
  body: { stringValue: 'claude_code.api_request' },
  attributes: attributesOf(values),
});

const attributesOf = (values: Values): readonly object[] =>
  Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined || value === '') return [];
    return [{ key, value: typeof value === 'number' ? numberValue(value) : { stringValue: value } }];
  });

const numberValue = (value: number): object => (Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value });

/** The request itself, then what it is billed for beside its own tokens. */
function recordsOf(request: CollectedRequest, options: WireOptions): readonly Values[] {
  const { model, tokens, advisors, key } = request;
  const common = commonOf(request, options);
  const own = {
    ...common,
    model,
    ...countsOf(tokens),
    ...{ cost_usd: request.costUsd, [IMPORTED.key]: key, [IMPORTED.iterations]: request.iterations.map(stepText).join() },
    web_search_requests: request.webSearches > 0 ? request.webSearches : undefined,
  };
  const beside = advisors.map((advisor, index) => ({
    ...common,
    model: advisor.model,
    ...countsOf(advisor.tokens),
    [IMPORTED.key]: `${key} ${index}`,
    [IMPORTED.besideModel]: model,
    [IMPORTED.besideInput]: tokens.input,
    [IMPORTED.besideCacheRead]: tokens.cacheRead,
    [IMPORTED.besideCacheCreation]: tokens.cacheCreation,
  }));
  return [own, ...beside];
}

const commonOf = (request: CollectedRequest, { user, repositoryOf }: WireOptions): Values => ({
  [IMPORTED.origin]: 'transcripts',
  'event.name': 'api_request',
  'session.id': request.sessionId,
  'user.email': user,
  'vcs.repository.url.full': request.cwd === undefined ? undefined : repositoryOf(request.cwd),
  request_id: request.requestId,
  'app.version': request.version,
  'app.entrypoint': request.entryPoint,
  query_source: request.isSidechain ? 'subagent' : 'main',
  speed: request.speed === 'fast' ? 'fast' : 'normal',
  effort: request.effort,
  'agent.name': request.agent,
  'skill.name': request.skill,
  'plugin.name': request.plugin,
  'mcp_server.name': request.mcpServer,
  service_tier: request.serviceTier,
  inference_geo: request.inferenceGeo,
});

function stepText(tokens: TranscriptTokens): string {
  const { cacheCreation5m, cacheCreation1h } = writesOf(tokens);
  return [tokens.input, tokens.output, tokens.cacheRead, cacheCreation5m, cacheCreation1h].join(' ');
}

const countsOf = (tokens: TranscriptTokens): Values => ({
  input_tokens: tokens.input,
  output_tokens: tokens.output,
  cache_read_tokens: tokens.cacheRead,
  cache_creation_tokens: tokens.cacheCreation,
  cache_creation_5m_tokens: tokens.cacheCreation1h === undefined ? undefined : writesOf(tokens).cacheCreation5m,
  cache_creation_1h_tokens: tokens.cacheCreation1h,
});
