/** What a path that is not OTLP's says about the mistake at the sender. */
import { suggest } from '../core/suggest.ts';
import { ROUTES } from './names.ts';

const SIGNALS = [ROUTES.logs, ROUTES.metrics, ROUTES.traces] as const;
const OTHER_PORTS: readonly string[] = [ROUTES.exposition, ROUTES.alive, ROUTES.ready];
const variable = (path: string): string => `OTEL_EXPORTER_OTLP_${path.slice('/v1/'.length).toUpperCase()}_ENDPOINT`;

/** One sentence: what to change at the sender. */
export function pathRemedy(path: string): string {
  if (path.startsWith('/opentelemetry.proto.'))
    return 'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf at the sender, or send gRPC to server.otlp_grpc_port.';
  if (path === '/') {
    return `Name the path in ${variable(ROUTES.logs)} (…${ROUTES.logs}) and ${variable(ROUTES.metrics)} (…${ROUTES.metrics}), or set OTEL_EXPORTER_OTLP_ENDPOINT, to which exporters add it.`;
  }
  if (OTHER_PORTS.includes(path) || path.startsWith('/api/v1/')) return `${path} is not on this port: see server.api_port and server.metrics_port.`;
  const bare = path.replace(/\/+$/, '');
  const meant = SIGNALS.find((signal) => bare.endsWith(signal));
  if (meant === undefined) {
    const near = suggest(path, SIGNALS);
    return near === undefined
      ? `Send OTLP to ${SIGNALS.join(', ')}: correct OTEL_EXPORTER_OTLP_ENDPOINT at the sender.`
      : `Write ${near} instead of ${path} at the sender.`;
  }
  const prefix = bare.slice(0, -meant.length);
  if (prefix === '') return `Write ${meant} without the slash at its end at the sender.`;
  if (SIGNALS.some((signal) => prefix.endsWith(signal))) {
    return `The exporter adds ${meant} to an endpoint that has a path: set OTEL_EXPORTER_OTLP_ENDPOINT without it, or ${variable(meant)} with it.`;
  }
  return `Let the proxy strip its prefix ${prefix}, or send to ${meant}.`;
}
