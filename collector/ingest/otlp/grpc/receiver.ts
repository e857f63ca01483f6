/**
 * The OTLP/gRPC server on grpc-js. Messages stay raw bytes up to our own decoder. The listening socket is ours and connections are
 * handed to grpc-js, which gives what its own bind does not: a limit on connections and a clear error when the port is taken.
 */
import { createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { MINUTE_MS } from '../../../core/duration.ts';
import { listen } from '../../../server/listen.ts';
import type { TlsMaterial } from '../../../server/tls.ts';
import type { OtlpSignal } from '../../telemetry.ts';
import { successBody } from '../response.ts';
import { addressOfPeer, reportDropped, reportRefusals } from '../sender.ts';
import { GRPC, replyOf } from '../status.ts';
import type { StartedReceiver, TransportOptions } from '../transport.ts';
import { SIGNAL_OF_METHOD, statusOf } from './answer.ts';
import { greet } from './greeting.ts';
import { type CallGuard, guardCalls, messageLimit } from './interceptor.ts';

const STREAMS_PER_CONNECTION = 256;
/** A connection without a call for so long is closed politely; the sender opens another when it has something to say. */
const IDLE_MS = 10 * MINUTE_MS;

const asIs = (bytes: Buffer): Buffer => bytes;
const definition = (path: string): ServiceDefinition => ({
  export: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
});

function credentialsOf(tls: TlsMaterial | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: tls.cert, private_key: tls.key };
  return ServerCredentials.createSsl(tls.clientCa ?? null, [pair], tls.clientCa !== undefined);
}

function createGrpcServer(options: TransportOptions): Server {
  const { limits } = options;
  const guard = guardCalls(options);
  const server = new Server({
    'grpc.max_receive_message_length': limits.grpc_message_bytes,
    'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
    'grpc.max_connection_idle_ms': IDLE_MS,
    'grpc.enable_channelz': 0,
    interceptors: [guard.interceptor],
  });
  for (const [path, signal] of SIGNAL_OF_METHOD) {
    server.addService(definition(path), { export: exportMethod(signal, options, guard.callOf) });
  }
  return server;
}

function exportMethod(signal: OtlpSignal, options: TransportOptions, callOf: CallGuard['callOf']): handleUnaryCall<Buffer, Buffer> {
  const { handler, limits, observer } = options;
  return (call, callback) => {
    const started = performance.now();
    const { credentials, arrival } = callOf(call.metadata);
    const { compression, holding } = arrival;
    const limit = messageLimit(limits);
    let bytes = 0;
    const onSize = (size: number): void => {
      bytes = size;
    };
    const sent = { signal, encoding: 'protobuf', body: call.request, compression, limit } as const;
    void handler.handle({ ...sent, credentials, holding, waitMs: limits.pending_wait_ms, onSize }).then((answer) => {
      arrival.close();
      const { outcome, accepted, rejected } = answer;
      if (answer.refusals !== undefined) reportRefusals(answer, observer, () => addressOfPeer(call.getPeer()));
      const durationMs = performance.now() - started;
      observer.requestAnswered({ signal, transport: 'grpc', encoding: 'protobuf', outcome, accepted, rejected, bytes, durationMs });
      if (replyOf(outcome).grpc === GRPC.ok) callback(null, successBody(signal, 'protobuf', answer));
      else callback(statusOf(answer));
    });
  };
}

/** Throws `unavailable` when the port is taken. */
export async function startGrpcReceiver(options: TransportOptions): Promise<StartedReceiver> {
  const { server: settings, limits, observer, tls } = options;
  const grpc = createGrpcServer(options);
  const injector = grpc.createConnectionInjector(credentialsOf(tls));
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Without a listener a reset connection would end the process; grpc-js learns of it through its session.
    socket.on('error', () => {});
    greet(socket, { isTls: tls !== undefined, idleMs: IDLE_MS, observer, connect: () => injector.injectConnection(socket) });
  });
  listener.maxConnections = limits.connections;
  listener.on('drop', (dropped) => reportDropped(dropped, observer));
  const { host, otlp_grpc_port: port } = settings;
  const bound = await listen(listener, { host, port, key: 'server.otlp_grpc_port', flag: '--otlp-grpc-port' });
  const drain = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    const force = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    injector.drain(graceMs);
    await closed;
    clearTimeout(force);
    grpc.forceShutdown();
  };
  return { port: bound, drain };
}
