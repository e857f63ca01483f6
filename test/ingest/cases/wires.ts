/** One body over every transport and encoding that the receivers take. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { CollectorPorts } from '../../../collector/app/collector.ts';
import { spawnCollector } from '../../support/collector-process.ts';
import { MESSAGES } from '../otlp/decode/otlp-schema.ts';

export type Signal = 'logs' | 'metrics';

/** Resolves to what the partial success says, '' when all is well. Rejects when the export was refused. */
export type Send = (signal: Signal, body: object) => Promise<string>;

const protobuf = (signal: Signal, body: object): Buffer => Buffer.from(MESSAGES[signal].encode(MESSAGES[signal].fromObject(body)).finish());
const json = (_signal: Signal, body: object): Buffer => Buffer.from(JSON.stringify(body));

function overHttp(ports: CollectorPorts, type: string, encode: (signal: Signal, body: object) => Buffer, isGzip: boolean): Send {
  const headers = { 'content-type': type, ...(isGzip && { 'content-encoding': 'gzip' }) };
  return async (signal, body) => {
    const bytes = encode(signal, body);
    const url = `http://127.0.0.1:${ports.otlpHttp}/v1/${signal}`;
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(isGzip ? gzipSync(bytes) : bytes) });
    const answer = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${answer}`);
    return answer === '{}' ? '' : answer;
  };
}

const SERVICE = { logs: 'logs.v1.LogsService', metrics: 'metrics.v1.MetricsService' } as const;

function overGrpc(client: Client): Send {
  const raw = (bytes: Buffer) => bytes;
  return (signal, body) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const path = `/opentelemetry.proto.collector.${SERVICE[signal]}/Export`;
    client.makeUnaryRequest(path, raw, raw, protobuf(signal, body), new Metadata(), (error, answer) => {
      if (error === null) resolve(String(answer));
      else reject(error);
    });
    return promise;
  };
}

interface Wires {
  readonly sends: Readonly<Record<string, Send>>;
  close(): void;
}

export const WIRES = ['json', 'json-gzip', 'protobuf', 'protobuf-gzip', 'grpc'] as const;

function connect(ports: CollectorPorts): Wires {
  const client = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure());
  return {
    sends: {
      json: overHttp(ports, 'application/json', json, false),
      'json-gzip': overHttp(ports, 'application/json', json, true),
      protobuf: overHttp(ports, 'application/x-protobuf', protobuf, false),
      'protobuf-gzip': overHttp(ports, 'application/x-protobuf', protobuf, true),
      grpc: overGrpc(client),
    },
    close: () => client.close(),
  };
}

export interface WiredCollector {
  readonly sends: Wires['sends'];
  /** Address of the REST API. */
  readonly api: string;
  stop(): Promise<void>;
}

/** A collector process on a folder of its own, and every wire to it. */
export async function startWiredCollector(): Promise<WiredCollector> {
  const data = mkdtempSync(join(tmpdir(), 'ledgerline-cases-'));
  const collector = await spawnCollector(data);
  const wires = connect(collector.ports);
  return {
    sends: wires.sends,
    api: `http://127.0.0.1:${collector.ports.api}`,
    stop: async () => {
      wires.close();
      await collector.stop();
      rmSync(data, { recursive: true });
    },
  };
}
