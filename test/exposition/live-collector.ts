/** A whole collector in a process of its own, and a client that sends it api_request events over OTLP/HTTP. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnCollector } from '../support/collector-process.ts';

export interface Request {
  readonly usd: number;
  readonly user?: string;
  readonly team?: string;
  readonly model?: string;
  readonly inputTokens?: number;
  readonly session?: string;
}

export interface LiveCollector {
  /** host:port of /metrics. */
  readonly target: string;
  readonly api: string;
  /** Resolves when the collector has acknowledged the export. */
  send(...requests: readonly Request[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startLiveCollector(config: object = {}): Promise<LiveCollector> {
  const data = await mkdtemp(join(tmpdir(), 'ledgerline-live-'));
  const { ports, stop } = await spawnCollector(data, config);
  return {
    target: `127.0.0.1:${ports.metrics}`,
    api: `http://127.0.0.1:${ports.api}`,
    send: (...requests) => sendRequests(ports.otlpHttp, requests),
    stop: async () => {
      await stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Resolves when the collector behind this OTLP/HTTP port has acknowledged the export. */
export async function sendRequests(otlpHttpPort: number, requests: readonly Request[], token?: string): Promise<void> {
  const body = JSON.stringify({ resourceLogs: requests.map(resourceLogs) });
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`http://127.0.0.1:${otlpHttpPort}/v1/logs`, { method: 'POST', headers, body });
  const answer = await response.text();
  if (response.status !== 200 || answer.includes('rejected')) throw new Error(`${response.status} ${answer}`);
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** One client's export: an api_request event as Claude Code 2 sends it. */
function resourceLogs({ usd, user, team, model = 'claude-opus-5-5', inputTokens = 0, session = randomUUID() }: Request): object {
  const attributes = [
    text('event.name', 'api_request'),
    text('session.id', session),
    text('request_id', `req_${randomUUID()}`),
    text('model', model),
    { key: 'cost_usd', value: { doubleValue: usd } },
    { key: 'input_tokens', value: { intValue: inputTokens } },
    ...(user === undefined ? [] : [text('user.email', user)]),
  ];
  const record = { timeUnixNano: `${Date.now()}000000`, body: { stringValue: 'claude_code.api_request' }, attributes };
  return {
    resource: { attributes: [text('service.name', 'claude-code'), ...(team === undefined ? [] : [text('team.id', team)])] },
    scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events', version: '2.1.329' }, logRecords: [record] }],
  };
}
