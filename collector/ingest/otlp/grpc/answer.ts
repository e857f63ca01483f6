/** The methods that OTLP/gRPC calls, and how an answer becomes a gRPC status. */
import { Metadata } from '@grpc/grpc-js';
import type { OtlpSignal } from '../../telemetry.ts';
import type { Answer } from '../export-handler.ts';
import { retryDetails } from '../response.ts';
import { replyOf } from '../status.ts';

export const SERVICES = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
} as const satisfies Record<OtlpSignal, string>;

export const SIGNAL_OF_METHOD = new Map<string, OtlpSignal>([
  [SERVICES.logs, 'logs'],
  [SERVICES.metrics, 'metrics'],
  [SERVICES.traces, 'traces'],
]);

export function statusOf(answer: Answer): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  const details = retryDetails(answer);
  if (details !== undefined) metadata.set('grpc-status-details-bin', details);
  // grpc-js percent-encodes the text and throws at half a surrogate pair, which a sender's attribute name could bring in.
  return { code: replyOf(answer.outcome).grpc, details: answer.message.toWellFormed(), metadata };
}
