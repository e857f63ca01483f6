/** A whole collector with tokens, and clients that say of themselves what they like. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collector, startCollector } from '../../collector/app/collector.ts';
import { configSchema } from '../../collector/config/config.ts';
import type { SessionAnswer } from '../../collector/query/sessions.ts';
import { LOG_SETTINGS } from '../support/log.ts';

export interface Claimed {
  /** Left out: the record has none. */
  readonly session?: string;
  readonly usd: number;
  readonly request?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Epoch milliseconds. Default: now. */
  readonly atMs?: number;
  readonly observedMs?: number;
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const nanos = (ms: number | undefined) => (ms === undefined ? '0' : `${ms}000000`);
const attributesOf = ({ session, attributes = {} }: Claimed) => [
  ...(session === undefined ? [] : [text('session.id', session)]),
  text('model', 'claude-opus-5-5'),
  ...Object.entries(attributes).map(([name, value]) => text(name, value)),
];
const resource = { attributes: [text('service.name', 'claude-code')] };

/** api_request events as OTLP in its JSON form. */
export function logs(...records: readonly Claimed[]): object {
  const logRecords = records.map((record) => ({
    timeUnixNano: nanos(record.atMs ?? Date.now()),
    observedTimeUnixNano: nanos(record.observedMs),
    body: { stringValue: 'claude_code.api_request' },
    attributes: [
      text('event.name', 'api_request'),
      text('request_id', record.request ?? `req_${Math.random()}`),
      ...[
        { key: 'cost_usd', value: { doubleValue: record.usd } },
        { key: 'input_tokens', value: { intValue: 10 } },
      ],
      ...attributesOf(record),
    ],
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events', version: '2.1.329' }, logRecords }] }] };
}

/** Points of claude_code.cost.usage, each of the minute before. Cumulative ones began at `startMs`. */
export function costs(records: readonly Claimed[], { startMs }: { readonly startMs?: number } = {}): object {
  const dataPoints = records.map((record) => ({
    startTimeUnixNano: nanos(startMs ?? (record.atMs ?? Date.now()) - 60_000),
    timeUnixNano: nanos(record.atMs ?? Date.now()),
    asDouble: record.usd,
    attributes: attributesOf(record),
  }));
  const metric = { name: 'claude_code.cost.usage', sum: { aggregationTemporality: startMs === undefined ? 1 : 2, dataPoints } };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'com.anthropic.claude_code' }, metrics: [metric] }] }] };
}

export interface TokenConfig {
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  readonly workspace?: string;
  readonly role?: 'read';
  readonly sends?: 'api_spans';
  readonly scope?: unknown;
}

export interface TokenCollector {
  readonly collector: Collector;
  /** With the token of that name; resolves to the answer's body when the export was accepted. */
  send(token: string, body: object): Promise<string>;
  get<Body>(path: string, token?: string): Promise<Body>;
  session(id: string): Promise<SessionAnswer>;
  /** A measure, as shown, by a dimension; without one the cost in USD. */
  spend(by: string, measure?: string): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** A token's name is the token itself. */
export async function startWithTokens(tokens: Readonly<Record<string, TokenConfig>>, config: object = {}): Promise<TokenCollector> {
  const own = await mkdtemp(join(tmpdir(), 'ledgerline-tokens-'));
  const ports = { otlp_grpc_port: 0, otlp_http_port: 0, api_port: 0, metrics_port: 0 };
  const known = Object.entries(tokens).map(([name, names]) => ({ name, sha256: createHash('sha256').update(name).digest('hex'), ...names }));
  const all = configSchema.parse({ data: own, server: ports, auth: { tokens: known }, ...config });
  const collector = await startCollector(all, { log: () => undefined, logSettings: LOG_SETTINGS });
  const get = async <Body>(path: string, token?: string): Promise<Body> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${collector.ports.api}/api/v1/${path}`, { headers })).json() as Promise<Body>;
  };
  return {
    collector,
    get,
    send: async (token, body) => {
      const path = 'resourceLogs' in body ? 'logs' : 'metrics';
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const answer = await fetch(`http://127.0.0.1:${collector.ports.otlpHttp}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.text();
    },
    session: (id) => get<SessionAnswer>(`sessions/${encodeURIComponent(id)}`),
    spend: async (by, measure = 'cost') => {
      const { rows } = await get<{ rows: readonly Record<string, string>[] }>(`spend?by=${by}&measures=${measure}`);
      return Object.fromEntries(rows.map(({ [by]: value = '', ...figures }) => [value, Object.values(figures).join()]));
    },
    stop: async () => {
      await collector.stop();
      await rm(own, { recursive: true, force: true });
    },
  };
}
