/**
 * The OTLP/gRPC server on grpc-js. Messages stay raw bytes up to our own decoder. The listening socket and TLS are ours, and connections are
 * handed to grpc-js, which gives what its own bind does not: limits on connections, and certificates that can be replaced.
 */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { MINUTE_MS } from '../../../core/duration.ts';
import type { Connection } from '../../../server/connections.ts';
import { HANDSHAKE_MS, openListener } from '../../../server/listener.ts';
import type { OtlpSignal } from '../../telemetry.ts';
import { successBody } from '../response.ts';
import { addressOfPeer, reportLimit, reportRefusals } from '../sender.ts';
import { GRPC, replyOf } from '../status.ts';
import type { StartedReceiver, TransportOptions } from '../transport.ts';
import { SIGNAL_OF_METHOD, statusOf } from './answer.ts';
import { countCalls } from './calls.ts';
import { greet, reportHandshake } from './greeting.ts';
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

type FindConnection = (ends: string) => Connection | undefined;

function createGrpcServer(options: TransportOptions, find: FindConnection): Server {
  const { limits } = options;
  const guard = guardCalls(options, find);
  const server = new Server({
    'grpc.max_receive_message_length': limits.grpc_message_bytes,
    'grpc.max_concurrent_streams': STREAMS_PER_CONNECTION,
    'grpc.max_connection_idle_ms': IDLE_MS,
    'grpc.enable_channelz': 0,
    // In this order: the guard needs grpc-js' own call.
    interceptors: [guard.interceptor, countCalls(find)],
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
  const grpc = createGrpcServer(options, (ends) => listener.pool.find(ends));
  // TLS ends in our own listener, as on every port.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  /** Connections that have not said anything yet: grpc-js does not know them. */
  const silent = new Set<Socket>();
  const { host, otlp_grpc_port: port } = settings;
  const listener = await openListener({
    binding: { host, port, key: 'server.otlp_grpc_port', flag: '--otlp-grpc-port' },
    limits,
    onLimit: reportLimit(observer),
    tls,
    protocols: ['h2'],
    inspect: (socket, connection, proceed) => {
      silent.add(socket);
      socket.once('close', () => silent.delete(socket));
      const connect = (): void => {
        silent.delete(socket);
        proceed();
      };
      greet(socket, { isTls: tls !== undefined, idleMs: tls === undefined ? IDLE_MS : HANDSHAKE_MS, address: connection.address, observer, connect });
    },
    connect: (socket) => injector.injectConnection(socket),
    onHandshakeError: (error, address) => reportHandshake(error, address, observer),
  });
  const drain = async (graceMs: number): Promise<void> => {
    await listener.drain(graceMs, () => {
      injector.drain(graceMs);
      for (const socket of silent) socket.destroy();
    });
    grpc.forceShutdown();
  };
  return { port: listener.port, drain };
}
