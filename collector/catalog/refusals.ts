/**
 * What the receivers refuse, leave out or correct: every kind, in words, with what to change at the sender. The log, `ledgerline doctor`,
 * GET /api/v1/status and the boards say the same sentences.
 */
import type { Severity } from '../core/finding.ts';
import { pathRemedy } from './wrong-paths.ts';

export interface RefusalMeaning {
  /** What is counted. */
  readonly unit: 'export' | 'record' | 'connection' | 'request' | 'value';
  readonly severity: Exclude<Severity, 'ok'>;
  /** Follows the count: "15 exports …". `detail` sets refusals of one kind apart; '' where nothing does. */
  readonly what: (detail: string) => string;
  /** One sentence: what to change at the sender. */
  readonly remedy: (detail: string) => string;
}

const always = (text: string) => (): string => text;
const withDetail = (text: string) => (detail: string) => (detail === '' ? text : `${text} (${detail})`);
const refusal = (
  unit: RefusalMeaning['unit'],
  severity: RefusalMeaning['severity'],
  what: RefusalMeaning['what'],
  remedy: RefusalMeaning['remedy'] | string,
): RefusalMeaning => ({ unit, severity, what, remedy: typeof remedy === 'string' ? always(remedy) : remedy });

const UNDECODABLE: Readonly<Record<string, string>> = {
  'JSON labeled as protobuf': 'Set Content-Type to application/json at the sender, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
  'protobuf labeled as JSON': 'Set Content-Type to application/x-protobuf at the sender, or OTEL_EXPORTER_OTLP_PROTOCOL=http/json.',
  'gzip without Content-Encoding': 'Send the header Content-Encoding: gzip, and check that no proxy removes it.',
};

const LIMITS: Readonly<Record<string, string>> = {
  'limits.connections_per_address':
    'Let senders behind one address share connections through an OpenTelemetry Collector, or raise limits.connections_per_address; look there for whoever opens so many.',
  'limits.connections': 'Let senders share connections through an OpenTelemetry Collector, or raise limits.connections.',
  'limits.pipelined_requests':
    'Let the sender wait for each answer before its next request on a connection, or raise limits.pipelined_requests; no client of Claude Code or OpenTelemetry does otherwise.',
  'limits.pending_exports': 'The ledger is behind: check how fast its disk is, or raise limits.pending_exports; HTTP senders retry.',
  'limits.pending_wait_ms': 'The ledger is behind: check how fast its disk is, or send OTLP over HTTP, which retries.',
  'limits.grpc_message_bytes': 'Send smaller exports (send_batch_max_size of an OpenTelemetry Collector), or raise limits.grpc_message_bytes.',
  'limits.records_per_export': 'Send smaller exports (send_batch_max_size of an OpenTelemetry Collector), or raise limits.records_per_export.',
  'limits.pending_records': 'The ledger is behind: check how fast its disk is, or raise limits.pending_records; HTTP senders retry.',
  'limits.pending_bytes': 'Let senders send smaller exports at once, or raise limits.pending_bytes.',
};

const REJECTED: Readonly<Record<string, string>> = {
  unspecified_temporality:
    'Set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative at the sender, and check processors that rebuild metrics.',
  unsupported_metric_type: 'Pass the metrics of Claude Code on as sums: remove the processor that turns them into gauges or histograms.',
  unknown_type: 'Remove the processor that changes the attribute type of these metrics, or update Ledgerline for a newer client.',
  invalid_number: 'Remove the processor that rewrites token counts: they are whole numbers from 0.',
  wrong_token: 'Give the client a token of auth.tokens without "sends: api_spans": that one is for the export of the API itself.',
  invalid_cost: 'Remove the processor that rewrites cost_usd: it is a number of US dollars from 0.',
  invalid_import: 'Send imports with `ledgerline import` of this version.',
  import_outside_window: 'Widen ingest_window, and import again with --again.',
  malformed:
    'Send valid OTLP: the partial-success message in the answer names the field, and a processor between client and collector may be at fault.',
};

const TO_GRPC = 'or send to the OTLP/gRPC port (server.otlp_grpc_port, 4317 by default)';
const TO_HTTP = 'or send to the OTLP/HTTP port (server.otlp_http_port, 4318 by default)';

/** The most serious first: exports lost as a whole, then records, then what costs nothing. */
export const REFUSALS = {
  token_missing: refusal(
    'export',
    'warning',
    always('had no bearer token'),
    'Set OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer <token>" at the sender; `ledgerline token new` makes a token.',
  ),
  token_unknown: refusal(
    'export',
    'warning',
    always('had a bearer token that auth.tokens does not know'),
    'Give the sender a token of auth.tokens, whole and without quotes; a changed configuration or token file is read again within seconds.',
  ),
  token_forbidden: refusal(
    'export',
    'warning',
    always('had a token that may read but not send'),
    'Give the sender a token with the role ingest in auth.tokens.',
  ),
  certificate_unknown: refusal(
    'request',
    'warning',
    withDetail('had a client certificate that auth.certificates does not name'),
    'Add an entry with the subject of the certificate to auth.certificates, or give the client a certificate that has one.',
  ),
  host_unknown: refusal(
    'request',
    'warning',
    withDetail('asked for a host that is not a name of this collector'),
    'Use http://localhost, or name the host in server.allowed_hosts; where nobody uses that name, a web page may have tried to reach the collector.',
  ),
  wrong_path: refusal('export', 'warning', (path) => `went to the path ${path}, where no OTLP is received`, pathRemedy),
  wrong_signal: refusal(
    'export',
    'warning',
    (detail) => `carried ${detail}`,
    (detail) => {
      const signal = detail.split(' ')[0] ?? '';
      return `Send ${signal} to …/v1/${signal}; the exporter was given the path of another signal (OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT).`;
    },
  ),
  wrong_content_type: refusal(
    'export',
    'warning',
    withDetail('had a Content-Type that is not OTLP'),
    'Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf at the sender: OTLP is application/x-protobuf or application/json.',
  ),
  wrong_compression: refusal(
    'export',
    'warning',
    withDetail('had a compression that is not taken'),
    'Set OTEL_EXPORTER_OTLP_COMPRESSION=gzip at the sender, or none.',
  ),
  undecodable: refusal(
    'export',
    'warning',
    withDetail('could not be decoded'),
    (detail) => UNDECODABLE[detail] ?? 'Check OTEL_EXPORTER_OTLP_PROTOCOL at the sender, and that no proxy cuts or rewrites bodies.',
  ),
  grpc_on_http_port: refusal(
    'request',
    'warning',
    always('spoke gRPC to the OTLP/HTTP port'),
    `Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf at the sender, ${TO_GRPC}.`,
  ),
  http_on_grpc_port: refusal(
    'connection',
    'warning',
    always('spoke HTTP/1 to the OTLP/gRPC port'),
    `Set OTEL_EXPORTER_OTLP_PROTOCOL=grpc at the sender, ${TO_HTTP}.`,
  ),
  tls_on_plain_port: refusal(
    'connection',
    'warning',
    withDetail('spoke TLS to a port without TLS'),
    'Write http:// instead of https:// in OTEL_EXPORTER_OTLP_ENDPOINT at the sender, or configure server.tls.',
  ),
  plain_on_tls_port: refusal(
    'connection',
    'warning',
    withDetail('spoke plain text to a port with TLS'),
    'Write https:// instead of http:// in OTEL_EXPORTER_OTLP_ENDPOINT at the sender.',
  ),
  tls_failed: refusal(
    'connection',
    'warning',
    withDetail('ended in the TLS handshake'),
    'Name the authority of server.tls.cert_file in OTEL_EXPORTER_OTLP_CERTIFICATE at the sender and, where server.tls.client_ca_file is set, give it a client certificate.',
  ),
  not_otlp: refusal(
    'connection',
    'warning',
    withDetail('sent bytes that are neither HTTP nor gRPC'),
    'Turn off the PROXY protocol at the load balancer in front, and keep port scanners away from this port.',
  ),
  limit: refusal(
    'request',
    'warning',
    (name) => `hit ${name}`,
    (name) => LIMITS[name] ?? `Send less at once, or raise ${name}.`,
  ),
  record_limit: refusal(
    'record',
    'warning',
    (name) => `exceeded ${name}`,
    (name) => `Send less in one record, or raise ${name}.`,
  ),
  timeout: refusal(
    'request',
    'warning',
    always('did not arrive within limits.request_ms'),
    'Check the network and the proxies between sender and collector, or raise limits.request_ms.',
  ),
  collector_failed: refusal(
    'export',
    'warning',
    withDetail('could not be committed'),
    'Nothing is wrong at the sender: see receiver_failed in the log of the collector, and the space on its disk.',
  ),
  rejected: refusal(
    'record',
    'warning',
    (reason) => `failed validation: ${reason.replaceAll('_', ' ')}`,
    (reason) => REJECTED[reason] ?? 'The partial-success message in the answer to the sender names the attribute and what is expected.',
  ),
  expired: refusal(
    'record',
    'warning',
    always('came later than retention.entries_days allows and had no effect'),
    'Raise retention.entries_days in ledgerline.yaml, or check the clock of the sender.',
  ),
  held_back: refusal(
    'record',
    'warning',
    always('came so late into so long a session that it was not booked again for them; their cost is held back'),
    'Look for what keeps records back between client and collector, or for a session.id that many clients share; `ledgerline session` shows the amount. Raise limits.rebooked_entries for what comes from now on.',
  ),
  new_values: refusal(
    'value',
    'warning',
    withDetail('were new beyond a limit, and their records were booked under "(other)"'),
    (detail) =>
      `Check what the sender sends as ${detail.split(',')[0]}: it must not be the id of a run or a session. Where so many are real, raise limits.new_values_per_hour, limits.new_values_per_day and limits.values, or name them in attribution.directory_file.`,
  ),
  conflicts: refusal(
    'record',
    'warning',
    always('had a known identity but different content'),
    'Send to the collector directly, or remove processors that edit attributes.',
  ),
  outside_window: refusal(
    'record',
    'warning',
    (name) => `lay outside ${name} and were set aside: their cost is in cost_set_aside, and nothing else of them is booked`,
    (name) => `Check the clock of the sender. To book them all the same, raise ${name} in ledgerline.yaml and send them again.`,
  ),
  corrected_times: refusal(
    'record',
    'warning',
    withDetail('had a missing or unbelievable time, which was replaced'),
    'Check the clock of the sender, and processors that drop or rewrite timestamps.',
  ),
  claim_overruled: refusal(
    'record',
    'warning',
    (name) => `named another ${name} than the token and were booked on that of the token`,
    (name) =>
      `Give the sender a token of its own, or correct the ${name} of the token in auth.tokens; attribution.claims decides who is believed (docs/attribution.md).`,
  ),
  reader_token_unknown: refusal(
    'request',
    'warning',
    always('asked for figures with a bearer token that auth.tokens does not know'),
    'Give the reader (a browser, Grafana, Prometheus) a token of auth.tokens with the role read.',
  ),
  reader_forbidden: refusal(
    'request',
    'warning',
    always('asked for what the role of its token or certificate does not allow'),
    'Give the reader (a browser, Grafana, Prometheus) a token of auth.tokens with the role read; budgets are changed with the role admin.',
  ),
  other_service: refusal(
    'record',
    'info',
    withDetail('came from other services and had no effect'),
    'Send only the telemetry of Claude Code here: filter by service.name=claude-code in the pipeline, or change the endpoint of the other service.',
  ),
  not_an_export: refusal(
    'request',
    'info',
    withDetail('used another method than POST'),
    'Nothing is lost: point health checks at /healthz on server.api_port, and scrapes at /metrics on server.metrics_port.',
  ),
  reader_token_missing: refusal(
    'request',
    'info',
    always('asked for figures without a bearer token'),
    'Give the reader a token of auth.tokens with the role read: in Prometheus authorization, in Grafana a header of the data source.',
  ),
  aborted: refusal(
    'export',
    'info',
    always('broke off in the middle of the body'),
    'A client that quits does this; when it goes on, look for a proxy that cuts requests by its timeout or size limit.',
  ),
} as const satisfies Readonly<Record<string, RefusalMeaning>>;

export type RefusalKind = keyof typeof REFUSALS;

export const isRefusalKind = (name: string): name is RefusalKind => Object.hasOwn(REFUSALS, name);

/** One or more of a kind, as the receivers report them. */
export interface Refusal {
  readonly kind: RefusalKind;
  /** What sets refusals of one kind apart: the path, the reason, the limit. '' where nothing does. */
  readonly detail: string;
  readonly count: number;
}

/** All of one kind and detail. */
export interface RefusalTotal extends Refusal {
  readonly firstMs: number;
  readonly lastMs: number;
  /** The latest, the most recent first: addresses without a port. */
  readonly senders: readonly { readonly address: string; readonly count: number; readonly lastMs: number }[];
  /** True when further senders were forgotten. */
  readonly hasMoreSenders: boolean;
}

/** "15 exports had no bearer token" */
export function describeRefusal({ kind, detail, count }: Refusal): string {
  const { unit, what } = REFUSALS[kind];
  return `${count} ${unit}${count === 1 ? '' : 's'} ${what(detail)}`;
}

export const remedyOf = ({ kind, detail }: Pick<Refusal, 'kind' | 'detail'>): string => REFUSALS[kind].remedy(detail);
