/** The collector's own health through the OpenTelemetry SDK. It never exports: /metrics asks for the text. */
import { type Attributes, metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { AppendOutcome, LedgerCounters } from '../ledger.ts';
import { PRODUCT, SELF_SERIES } from '../names.ts';

export interface ReceivedRequest {
  readonly transport: 'http' | 'grpc';
  readonly signal: 'logs' | 'metrics' | 'traces';
  /** HTTP status or gRPC code, as text. */
  readonly status: string;
  readonly seconds: number;
}

/** Every count is a number of things that just happened; labels come from fixed sets. */
export interface SelfTelemetry {
  received(request: ReceivedRequest): void;
  accepted(signal: string, records: number): void;
  rejected(reason: string, records: number): void;
  ignored(name: string, records: number): void;
  refused(reason: string): void;
  unknownAttributes(count: number): void;
  limitHit(limit: string): void;
  committed(outcome: AppendOutcome, seconds: number): void;
  /** Read on every scrape. */
  watchPending(pending: () => number): void;
  /** Exposition text of all of the above. */
  collectSelfText(): Promise<string>;
  close(): Promise<void>;
}

const SECONDS = { unit: '', advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] } };

/**
 * Claude Code's own variables may be set in the shell that starts the collector. The SDK would obey them: post to our own
 * receiver, or disable itself. Nothing in this process is configured through them.
 */
export function clearOtelEnvironment(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) if (name.startsWith('OTEL_')) delete environment[name];
}

/** Starts the SDK of this thread. `before` are lifetime counts that the ledger kept, so that its counters survive a restart. */
export function startSelfTelemetry(before?: LedgerCounters): SelfTelemetry {
  clearOtelEnvironment();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const sdk = new NodeSDK({
    metricReaders: [exporter],
    spanProcessors: [],
    logRecordProcessors: [],
    textMapPropagator: null,
    autoDetectResources: false,
  });
  sdk.start();
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const telemetry = instruments();
  if (before !== undefined) telemetry.counted(before);
  return {
    ...telemetry,
    collectSelfText: async () => `${serializer.serialize((await exporter.collect()).resourceMetrics).trimEnd()}\n`,
    close: async () => {
      await sdk.shutdown();
      metrics.disable();
    },
  };
}

type Instruments = Omit<SelfTelemetry, 'collectSelfText' | 'close'> & { counted(outcome: AppendOutcome): void };

function instruments(): Instruments {
  const meter = metrics.getMeter(PRODUCT);
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const requests = counter(SELF_SERIES.receivedRequests, 'Export requests answered, by transport, signal and status.');
  const accepted = counter(SELF_SERIES.acceptedRecords, 'Log records, data points and spans accepted.');
  const rejected = counter(SELF_SERIES.rejectedRecords, 'Records refused by partial success, by reason.');
  const ignored = counter(SELF_SERIES.ignoredRecords, 'Records accepted but not booked, by name.');
  const refused = counter(SELF_SERIES.refusedRequests, 'Requests refused as a whole, by reason.');
  const unknown = counter(SELF_SERIES.unknownAttributes, 'Attributes that no version of the contract names.');
  const limits = counter(SELF_SERIES.limitsHit, 'How often each limit was hit.');
  const duration = meter.createHistogram(SELF_SERIES.requestDuration, { description: 'From the first byte to the answer.', ...SECONDS });
  const commits = meter.createHistogram(SELF_SERIES.commitDuration, { description: 'From queueing an export until it is durable.', ...SECONDS });
  const ledger = ledgerCounters(counter);
  return {
    received: ({ transport, signal, status, seconds }) => {
      requests.add(1, { transport, signal, status });
      duration.record(seconds, { transport, signal });
    },
    accepted: (signal, records) => accepted.add(records, { signal }),
    rejected: (reason, records) => rejected.add(records, { reason }),
    ignored: (name, records) => ignored.add(records, { name }),
    refused: (reason) => refused.add(1, { reason }),
    unknownAttributes: (count) => unknown.add(count),
    limitHit: (limit) => limits.add(1, { limit }),
    committed: (outcome, seconds) => {
      ledger(outcome);
      commits.record(seconds);
    },
    counted: ledger,
    watchPending: (pending) => {
      const gauge = meter.createObservableGauge(SELF_SERIES.pendingExports, { description: 'Exports waiting for the ledger.' });
      gauge.addCallback((result) => result.observe(pending()));
    },
  };
}

type CreateCounter = (name: string, description: string) => { add(value: number, attributes?: Attributes): void };

function ledgerCounters(counter: CreateCounter): (outcome: AppendOutcome) => void {
  const counters = {
    appended: counter(SELF_SERIES.ledgerAppended, 'Entries appended.'),
    duplicates: counter(SELF_SERIES.ledgerDuplicates, 'Entries delivered again, without effect.'),
    conflicts: counter(SELF_SERIES.ledgerConflicts, 'Entries with a known identity and other content, kept out of the totals.'),
    expired: counter(SELF_SERIES.ledgerExpired, 'Entries older than the retention horizon.'),
  };
  const add = (outcome: AppendOutcome): void => {
    counters.appended.add(outcome.appended);
    counters.duplicates.add(outcome.duplicates);
    counters.conflicts.add(outcome.conflicts);
    counters.expired.add(outcome.expired);
  };
  add({ appended: 0, duplicates: 0, conflicts: 0, expired: 0 });
  return add;
}
