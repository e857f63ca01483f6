/** Small exports that are easily booked twice or not at all, each of a user of its own, with what the user spent. */

type Value = string | number | boolean;
interface Sent {
  readonly path: '/v1/logs' | '/v1/metrics';
  readonly body: object;
}
interface Attributes {
  readonly [name: string]: Value | undefined;
}
interface Record {
  /** Of the record, in milliseconds after the beginning; left out: it has none. */
  readonly at?: number;
  readonly attributes: Attributes;
}
interface Point extends Record {
  readonly usd: number;
  readonly since?: number;
}

export interface Case {
  readonly name: string;
  readonly user: string;
  readonly usd: string;
  /** Of the user's one session, where that is a part of the case. */
  readonly session?: { readonly id: string; readonly requests: number };
  readonly exports: readonly Sent[];
}

const MINUTE = 60_000;
const MODEL = 'claude-opus-5-5';
const CLIENT = { 'service.name': 'claude-code', 'service.version': '2.1.329' };

const otlpValue = (value: Value): object => (typeof value === 'string' ? { stringValue: value } : { doubleValue: value });
const listed = (attributes: Attributes): object[] =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: otlpValue(value) }]));

/** `beginMs`: a recent hour, so that nothing is too old. */
export function casesFrom(beginMs: number): Case[] {
  const nanos = (at: number | undefined): string => (at === undefined ? '0' : `${beginMs + at}000000`);

  function events(records: readonly Record[], resource: Attributes = {}): Sent {
    const logRecords = records.map(({ at, attributes }) => ({
      ...{ timeUnixNano: nanos(at), body: { stringValue: `claude_code.${attributes['event.name'] ?? 'api_request'}` } },
      attributes: listed({ 'event.name': 'api_request', model: MODEL, input_tokens: 10, output_tokens: 20, ...attributes }),
    }));
    const scopeLogs = [{ scope: { name: 'com.anthropic.claude_code.events', version: '2.1.329' }, logRecords }];
    return { path: '/v1/logs', body: { resourceLogs: [{ resource: { attributes: listed({ ...CLIENT, ...resource }) }, scopeLogs }] } };
  }

  function costs(
    points: readonly Point[],
    { resource = {}, isCumulative = false }: { readonly resource?: Attributes; readonly isCumulative?: boolean } = {},
  ): Sent {
    const dataPoints = points.map(({ at, since, usd, attributes }) => ({
      ...{ timeUnixNano: nanos(at), startTimeUnixNano: nanos(since), asDouble: usd },
      attributes: listed({ model: MODEL, ...attributes }),
    }));
    const metrics = [
      { name: 'claude_code.cost.usage', unit: 'USD', sum: { aggregationTemporality: isCumulative ? 2 : 1, isMonotonic: true, dataPoints } },
    ];
    const scopeMetrics = [{ scope: { name: 'com.anthropic.claude_code', version: '2.1.329' }, metrics }];
    return { path: '/v1/metrics', body: { resourceMetrics: [{ resource: { attributes: listed({ ...CLIENT, ...resource }) }, scopeMetrics }] } };
  }

  const of = (name: string, more: Attributes = {}): Attributes => ({ 'session.id': `s-${name}`, 'user.email': `${name}@both.example`, ...more });
  const one = (name: string, usd: string, exports: readonly Sent[], requests?: number): Case => ({
    ...{ name, usd, exports, user: `${name}@both.example` },
    ...(requests !== undefined && { session: { id: `s-${name}`, requests } }),
  });
  const request = (name: string, at: number, cost: number, more: Attributes = {}): Record => ({
    at,
    attributes: of(name, { cost_usd: cost, request_id: `req-${name}-${at}`, ...more }),
  });
  const priceless = (name: string, at: number): Record => ({ at, attributes: of(name, { request_id: `req-${name}-${at}` }) });

  return [
    one('served-otherwise', '0.4', [
      events([request('served-otherwise', 0, 0.4, { model: 'claude-haiku-4-5' })]),
      costs([{ at: MINUTE, since: -MINUTE, usd: 0.4, attributes: of('served-otherwise') }]),
    ]),
    one('two-models', '0.5', [
      events([request('two-models', 0, 0.5)]),
      costs([
        { at: MINUTE, since: -MINUTE, usd: 0.35, attributes: of('two-models') },
        { at: MINUTE, since: -MINUTE, usd: 0.15, attributes: of('two-models', { model: 'claude-haiku-4-5' }) },
      ]),
    ]),
    one('failed', '2', [
      events([
        request('failed', 0, 2),
        { at: 1_000, attributes: of('failed', { 'event.name': 'api_error', model: 'nobody-knows-it', error: 'overloaded' }) },
      ]),
    ]),
    one('metric-ends', '9', [
      events([request('metric-ends', 0, 2), request('metric-ends', 10_000, 3)]),
      costs([{ at: MINUTE, since: -MINUTE, usd: 6, attributes: of('metric-ends') }], { isCumulative: true }),
      events([request('metric-ends', 10 * MINUTE, 1), request('metric-ends', 11 * MINUTE, 2)]),
    ]),
    one('without-cost', '0.06', [
      events([priceless('without-cost', 0), priceless('without-cost', 5_000)]),
      costs([{ at: MINUTE, since: -MINUTE, usd: 0.06, attributes: of('without-cost') }]),
    ]),
    one('on-resource', '1.25', [
      events([request('on-resource', 0, 1.25)]),
      costs([{ at: MINUTE, since: -MINUTE, usd: 1.25, attributes: {} }], { resource: of('on-resource') }),
    ]),
    one('off-the-metric', '1.5', [
      events([request('off-the-metric', 0, 1.5)]),
      costs([{ at: MINUTE, since: -MINUTE, usd: 1.5, attributes: of('off-the-metric', { 'session.id': undefined }) }]),
    ]),
    one(
      'another-pod',
      '0.75',
      ['a', 'b'].map((pod) => events([request('another-pod', 0, 0.75, { 'event.sequence': 1 })], { 'k8s.pod.name': `collector-${pod}` })),
      1,
    ),
    one('tag-dropped', '0.8', [
      costs([
        { at: MINUTE, since: 0, usd: 0.6, attributes: of('tag-dropped') },
        { at: MINUTE, since: 0, usd: 0.2, attributes: of('tag-dropped') },
      ]),
    ]),
    one(
      'one-request-id',
      '0.6',
      [0, 1, 2].map((index) => events([request('one-request-id', index * 1_000, 0.2, { request_id: 'req-proxy', 'event.sequence': index + 1 })])),
      3,
    ),
    one('bob-control', '2', [
      events([request('eve-control', 0, 3, { team: 'a\u0001user=bob-control@both.example' }), request('bob-control', 0, 2, { team: 'a' })]),
    ]),
    one('beside-huge', '3', [
      events([request('beside-huge', 0, 1), request('huge', 0, 7, { output_tokens: 1e12 }), request('beside-huge', 1_000, 2)]),
    ]),
    one('beside-malformed', '3', [
      malformedBetween(events([request('beside-malformed', 0, 1), request('malformed', 0, 7), request('beside-malformed', 1_000, 2)])),
    ]),
    {
      ...one('capitals', '0.3', [
        events([request('capitals', 0, 0.1, { 'user.email': 'Capitals@Both.Example' })]),
        events([request('capitals', 1_000, 0.2)]),
      ]),
      user: 'CAPITALS@both.example',
    },
    one(
      'delta-without-times',
      '0.7',
      [0.1, 0.2, 0.4].map((usd) => costs([{ usd, attributes: of('delta-without-times') }])),
    ),
    one(
      'delta-without-start',
      '0.7',
      [0.1, 0.2, 0.4].map((usd, index) => costs([{ at: index * MINUTE, usd, attributes: of('delta-without-start') }])),
    ),
    one(
      'time-stands-still',
      '1.1',
      [0.2, 0.6, 1.1].map((usd) => costs([{ at: MINUTE, since: 0, usd, attributes: of('time-stands-still') }], { isCumulative: true })),
    ),
    one(
      'events-without-times',
      '1.5',
      // Alike to the last byte they would be one that is sent again.
      [0.25, 0.5, 0.75].map((cost) => events([{ attributes: of('events-without-times', { cost_usd: cost }) }])),
      3,
    ),
  ];
}

/** The second record has an attribute that is no number, and that nobody reads. */
function malformedBetween({ path, body }: Sent): Sent {
  const text = JSON.stringify(body);
  const at = text.indexOf('"req-malformed-0"');
  const broken = `${text.slice(0, at)}"req-malformed-0"}},{"key":"nobody.reads.it","value":{"intValue":"twelve"${text.slice(at + '"req-malformed-0"'.length)}`;
  return { path, body: JSON.parse(broken) as object };
}
