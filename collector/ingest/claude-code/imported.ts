/** Records of `ledgerline import`: each stands in for the api_request event of a request that telemetry may not have. */
import { IMPORT_ORIGINS, IMPORTED } from '../../catalog/imported.ts';
import { requestKey, standInIdentity } from '../../ledger/stand-ins.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { Attributes } from '../attribution/claims.ts';
import type { LogRecord } from '../telemetry.ts';
import type { Rejection, Usage } from '../usage.ts';
import { readApiRequest } from './api-request.ts';
import { glimpse, readCount, readLabel, readOptionalCount } from './attributes.ts';
import { readCommonDimensions } from './dimensions.ts';
import type { Draft } from './draft.ts';
import type { NormalizedModel } from './model-names.ts';
import type { Result } from './result.ts';
import type { ScopeContext } from './scope.ts';

export function readImported(record: LogRecord, scope: ScopeContext, result: Result): void {
  const draft: Draft = { cost: undefined, tokens: undefined, amounts: {}, dimensions: {} };
  const rejection = rejectImported(record, scope) ?? readApiRequest(record.attributes, draft);
  if (rejection === undefined) addUsage(record, draft, scope, result);
  else result.rejections.push({ reason: rejection.reason, message: `import: ${rejection.message}`, isImport: true });
}

function rejectImported({ attributes, timeMs }: LogRecord, { clock }: ScopeContext): Rejection | undefined {
  const origin = readLabel(attributes, IMPORTED.origin) ?? '';
  const missing = ['session.id', IMPORTED.key].find((name) => readLabel(attributes, name) === undefined);
  const reason = 'invalid_import';
  if (!IMPORT_ORIGINS.some((name) => name === origin))
    return { reason, message: `${IMPORTED.origin} is "${glimpse(origin)}", expected one of ${IMPORT_ORIGINS.join(', ')}.` };
  if (missing !== undefined) return { reason, message: `a record has no ${missing}.` };
  return clock.believes(timeMs)
    ? undefined
    : { reason: 'import_outside_window', message: 'dated outside ingest_window. Widen it, and import again with --again.' };
}

function addUsage({ attributes, timeMs }: LogRecord, draft: Draft, scope: ScopeContext, result: Result): void {
  readCommonDimensions(attributes, { version: '', resource: scope.resource }, draft.dimensions);
  draft.dimensions.origin = readLabel(attributes, IMPORTED.origin) ?? '';
  const model = readModel(attributes, 'model', scope);
  if (model.name !== '') draft.dimensions.model = model.name;
  if (model.region !== undefined) draft.dimensions.region = model.region;
  if (model.speed !== undefined) draft.dimensions.speed = model.speed;
  const isBeside = readLabel(attributes, IMPORTED.besideModel) !== undefined;
  // It is no request of its own.
  if (isBeside) delete draft.amounts.requests;
  result.usages.push({
    source: 'events',
    kind: 'api_request',
    ...{ timeMs, startMs: timeMs, isTimeCertain: true },
    sessionId: readLabel(attributes, 'session.id') ?? '',
    identity: standInIdentity(String(attributes.get(IMPORTED.key)), isBeside),
    isStandIn: true,
    request: isBeside ? requestBeside(attributes, scope) : requestOf(attributes, draft),
    claims: scope.resource.claimsOf(attributes, []),
    cost: draft.cost,
    tokens: draft.tokens,
    ...(draft.hasLifetimes === true && { hasLifetimes: true }),
    circumstances: circumstancesOf(attributes),
    amounts: draft.amounts,
    dimensions: draft.dimensions,
  });
}

function circumstancesOf(attributes: Attributes): NonNullable<Usage['circumstances']> {
  const inferenceGeo = readLabel(attributes, 'inference_geo');
  const webSearches = readOptionalCount(attributes, 'web_search_requests');
  const iterations = iterationsIn(String(attributes.get(IMPORTED.iterations) ?? ''));
  return {
    ...(inferenceGeo !== undefined && { inferenceGeo }),
    ...(webSearches !== undefined && { webSearches }),
    ...(iterations !== undefined && { iterations }),
  };
}

function iterationsIn(text: string): RequestTokens[] | undefined {
  if (!/^\d+(?: \d+){4}(?:,\d+(?: \d+){4})*$/.test(text)) return undefined;
  return text.split(',').map((one) => {
    const [input = 0, output = 0, cacheRead = 0, cacheCreation5m = 0, cacheCreation1h = 0] = one.split(' ').map(Number);
    return { input, output, cacheRead, cacheCreation5m, cacheCreation1h };
  });
}

function readModel(attributes: Attributes, name: string, { readModel }: ScopeContext): Partial<NormalizedModel> & { readonly name: string } {
  const sent = readLabel(attributes, name);
  if (sent === undefined) return { name: '' };
  const normalized = readModel(sent);
  return { ...normalized, name: normalized.model };
}

/** See Entry.request. Undefined where nothing tells the request from others. */
export function requestOf(attributes: Attributes, { dimensions, amounts, tokens }: Draft): string | undefined {
  const id = readLabel(attributes, 'request_id') ?? '';
  if (id === '' && tokens === undefined) return undefined;
  const { input_tokens: input = 0, cache_read_tokens: cacheRead = 0, cache_creation_tokens: cacheCreation = 0 } = amounts;
  return requestKey({ id, model: dimensions.model ?? '', input, cacheRead, cacheCreation });
}

function requestBeside(attributes: Attributes, scope: ScopeContext): string {
  const count = (name: string): number => readCount(attributes, name) || 0;
  return requestKey({
    id: readLabel(attributes, 'request_id') ?? '',
    model: readModel(attributes, IMPORTED.besideModel, scope).name,
    input: count(IMPORTED.besideInput),
    cacheRead: count(IMPORTED.besideCacheRead),
    cacheCreation: count(IMPORTED.besideCacheCreation),
  });
}
