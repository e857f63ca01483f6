/** GET /metrics: the ledger's series, and after them the collector's own, which another thread may own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { LedgerlineError } from '../error.ts';

export interface ExpositionOptions {
  readonly producer: MetricProducer;
  /** The collector's own series as exposition text; asked on every scrape. */
  readonly selfText: () => Promise<string>;
  /** How long to wait for selfText before the ledger's series are served without it. */
  readonly selfTimeoutMs?: number;
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const SELF_TIMEOUT_MS = 2_000;

/**
 * The exporter is bound to a MeterProvider of its own, since OTEL_SDK_DISABLED in somebody's shell would otherwise
 * leave it unbound. Its request handler is not used: it answers 200 when collecting fails, and Prometheus would
 * take that for "every series has ended". Metrics become text one by one, so that other questions to this thread
 * are answered in between.
 */
export function createRenderer(producer: MetricProducer): () => Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
  new MeterProvider({ readers: [exporter] });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  return async () => {
    const { resourceMetrics, errors } = await exporter.collect();
    if (errors.length > 0) throw errors[0];
    const { resource, scopeMetrics } = resourceMetrics;
    const texts: string[] = [];
    for (const { scope, metrics } of scopeMetrics) {
      for (const metric of metrics) {
        texts.push(serializer.serialize({ resource, scopeMetrics: [{ scope, metrics: [metric] }] }));
        await nextTurn();
      }
    }
    return texts.join('');
  };
}

/** Scrapes that arrive while one is being rendered share its text. A failure is answered 503, so that Prometheus records the gap. */
export function createExposition({ producer, selfText, selfTimeoutMs = SELF_TIMEOUT_MS }: ExpositionOptions): HttpHandler {
  const render = createRenderer(producer);
  let running: Promise<string> | undefined;
  const scrape = (): Promise<string> => {
    running ??= Promise.all([render(), withinTime(selfText, selfTimeoutMs)])
      .then(([ledger, self]) => ledger + self)
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'GET only.\n', { allow: 'GET, HEAD' });
    scrape().then(
      (text) => answer(response, 200, text),
      (thrown: unknown) => answer(response, 503, `${LedgerlineError.from(thrown).message}\n`),
    );
  };
}

function answer(response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** The money must not wait for a busy thread: without its text in time the scrape says so in a comment. */
async function withinTime(ask: () => Promise<string>, timeoutMs: number): Promise<string> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve(`# The collector's own series took longer than ${timeoutMs} ms.\n`), timeoutMs);
  try {
    return await Promise.race([ask(), timeout.promise]);
  } catch {
    return "# The collector's own series could not be read.\n";
  } finally {
    clearTimeout(timer);
  }
}
