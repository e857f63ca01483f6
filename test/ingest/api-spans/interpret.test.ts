/** Spans as the API exports them, in either encoding, become requests that are counted. */
import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { atOnce } from '../../../collector/core/turn.ts';
import { interpretApiSpans } from '../../../collector/ingest/api-spans/interpret.ts';
import { createModelReader } from '../../../collector/ingest/claude-code/model-names.ts';
import { decodingJson } from '../../../collector/ingest/otlp/decode/json/request.ts';
import { decodingProtobuf } from '../../../collector/ingest/otlp/decode/protobuf/request.ts';
import type { Export } from '../../../collector/ingest/telemetry.ts';
import { requestIdKey } from '../../../collector/ledger/stand-ins.ts';
import { NOON } from '../../support/entries.ts';
import { MESSAGES } from '../otlp/decode/otlp-schema.ts';
import { attribute, type SpanFacts, span, spansBody } from './spans.ts';

const { limits } = defaultConfig();

/** protobufjs names fields in camel case, as OTLP's JSON does. */
const encodeTraces = (body: object): Uint8Array => MESSAGES.traces.encode(MESSAGES.traces.fromObject(body)).finish();

function decoded(body: object, encoding: 'json' | 'protobuf'): Extract<Export, { signal: 'traces' }> {
  const bytes = encoding === 'json' ? Buffer.from(JSON.stringify(body)) : encodeTraces(body);
  const decoding = encoding === 'json' ? decodingJson : decodingProtobuf;
  const { received } = atOnce(decoding('traces', bytes, limits, true));
  if (received.signal !== 'traces') throw new Error('not traces');
  return received;
}

const read = (facts: readonly SpanFacts[], options: Partial<Parameters<typeof interpretApiSpans>[1]> = {}, service?: string) =>
  interpretApiSpans(decoded(spansBody(facts, service), 'json').scopes, {
    readModel: createModelReader({}),
    isBelievable: (timeMs) => timeMs > NOON - 1_000_000,
    ...options,
  });

describe('spans of the API', () => {
  test.each(['json', 'protobuf'] as const)('are read from %s with all that counts', (encoding) => {
    const { scopes, spans } = decoded(spansBody([{ id: 'req_1' }, { id: 'req_2', model: 'claude-haiku-5-5-20261007' }]), encoding);
    expect(spans).toBe(2);
    const { requests, rejections, ignored } = interpretApiSpans(scopes, { readModel: createModelReader({}), isBelievable: () => true });
    expect({ rejections, ignored }).toEqual({ rejections: [], ignored: 0 });
    expect(requests).toEqual([
      {
        request: requestIdKey('req_1'),
        timeMs: NOON,
        organization: 'org_1',
        workspace: 'wrkspc_1',
        model: 'claude-opus-5-5',
        tokens: { input: 10, output: 7, cacheRead: 1_000, cacheCreation5m: 60, cacheCreation1h: 40 },
      },
      expect.objectContaining({ request: requestIdKey('req_2'), model: 'claude-haiku-5-5' }),
    ]);
  });

  test('of the SDK, of another service, of steps and of the test of a destination count nothing', () => {
    expect(read([{ id: 'req_1' }], {}, 'my-app')).toMatchObject({ requests: [], ignored: 1 });
    const steps: SpanFacts[] = [{ id: 'req_1', counts: {} }, { id: '', name: 'anthropic.test' }, { id: '' }];
    expect(read(steps)).toMatchObject({ requests: [], rejections: [], ignored: 3 });
  });

  test('belong to the organization and workspace of the token, where it names them', () => {
    expect(read([{ id: 'a' }], { organization: 'acme', workspace: 'build' }).requests).toMatchObject([{ organization: 'acme', workspace: 'build' }]);
  });

  test.each([
    ['a count that is none', { counts: { 'gen_ai.usage.output_tokens': -1 } }, 'gen_ai.usage.output_tokens is "-1"'],
    ['half a token', { counts: { 'gen_ai.usage.output_tokens': 0.5 } }, 'gen_ai.usage.output_tokens is "0.5"'],
    [
      'more cached than there is',
      { counts: { 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.cache_read.input_tokens': 2 } },
      'less than the 2 tokens',
    ],
    ['a time that cannot be', { timeMs: 5 }, 'no believable time'],
  ] as const)('with %s are rejected, and the others kept', (_, facts, words) => {
    const { requests, rejections } = read([{ id: 'good' }, { id: 'bad', ...facts }]);
    expect(requests).toHaveLength(1);
    expect(rejections.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
  });

  test('need no kind, status or resource attributes', () => {
    const body = {
      resourceSpans: [{ resource: { attributes: [attribute('service.name', 'claude-platform')] }, scopeSpans: [{ spans: [span({ id: 'a' })] }] }],
    };
    expect(interpretApiSpans(decoded(body, 'json').scopes, { readModel: createModelReader({}), isBelievable: () => true }).requests).toHaveLength(1);
  });
});
