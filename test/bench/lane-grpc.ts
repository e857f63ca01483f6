/** Unary gRPC calls over a few HTTP/2 connections, with the bytes as they are. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { type TookAll, tookAllOver } from './answer.ts';
import type { Body } from './feed.ts';
import type { Lane, Lanes, LoadOrder } from './load.ts';

const SESSIONS = 8;
const METHODS = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;

export async function openGrpcLanes({ port, encoding, gzip, lanes }: LoadOrder): Promise<Lanes> {
  const sessions = Array.from({ length: SESSIONS }, () => connect(`http://127.0.0.1:${port}`));
  await Promise.all(sessions.map((session) => once(session, 'connect')));
  // Its calls fail with it, and say so.
  for (const session of sessions) session.on('error', () => undefined);
  const tookAll = tookAllOver({ transport: 'grpc', encoding });
  return {
    lanes: Array.from({ length: lanes }, (_, index) => laneOver(sessions[index % SESSIONS] ?? connect(''), gzip, tookAll)),
    close: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

const laneOver =
  (session: ClientHttp2Session, gzip: boolean, tookAll: TookAll): Lane =>
  (body) => {
    const answered = Promise.withResolvers<boolean>();
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: METHODS[body.signal],
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(gzip && { 'grpc-encoding': 'gzip' }),
    });
    let status: unknown;
    const chunks: Buffer[] = [];
    const readStatus = (headers: Readonly<Record<string, unknown>>) => {
      status = headers['grpc-status'] ?? status;
    };
    const isTaken = async (): Promise<boolean> => {
      if (status === undefined) throw new Error('The server ended a call without a status.');
      return status === '0' && tookAll(Buffer.concat(chunks));
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', answered.reject);
    stream.on('close', () => isTaken().then(answered.resolve, answered.reject));
    stream.end(framed(body, gzip));
    return answered.promise;
  };

/** A message of gRPC: compressed or not, its length, its bytes. */
function framed({ bytes }: Body, gzip: boolean): Buffer {
  const frame = Buffer.allocUnsafe(5 + bytes.length);
  frame.writeUInt8(gzip ? 1 : 0, 0);
  frame.writeUInt32BE(bytes.length, 1);
  bytes.copy(frame, 5);
  return frame;
}
