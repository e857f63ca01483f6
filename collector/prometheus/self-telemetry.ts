/** The collector's own health through the OpenTelemetry SDK. It never exports: /metrics asks for the text. */
import { type Attributes, metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { AppendOutcome, LedgerCounters } from '../ledger.ts';
import { PRODUCT, SELF_SERIES } from '../names.ts';

/** One answered export request, as the receivers tell it. Labels come from fixed sets. */
export interface AnsweredRequest {
  readonly signal: string;
  readonly transport: string;
  readonly encoding: string;
  /** Name of the row in the receiver's table of outcomes. */
  readonly outcome: string;
  readonly accepted: number;
  readonly durationMs: number;
}

/** Takes what the parts of the collector tell about themselves. Nothing in it throws or waits. */
export interface SelfTelemetry {
  requestAnswered(request: AnsweredRequest): void;
  limitHit(limit: string): void;
  /** Records refused by partial success. */
  rejected(reason: string, records: number): void;
  /** Records accepted but not booked. */
  ignored(name: string, records: number): void;
  unknownAttribute(name: string, count: number): void;
  /** What one export did to the ledger, and how long it took from queueing until it was durable. */
  committed(outcome: AppendOutcome, seconds: number): void;
  /** Asked on every scrape: exports waiting for the ledger. */
  watchPending(pending: () => number): void;
  /** Exposition text of all of the above. */
  collectSelfText(): Promise<string>;
  close(): Promise<void>;
}

/** Outcomes that are not a refusal. */
const ACCEPTED_OUTCOMES: ReadonlySet<string> = new Set(['accepted', 'partial']);

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
  const requests = counter(SELF_SERIES.receivedRequests, 'Export requests answered.');
  const refused = counter(SELF_SERIES.refusedRequests, 'Export requests refused as a whole, by outcome.');
  const accepted = counter(SELF_SERIES.acceptedRecords, 'Log records, data points and spans accepted.');
  const rejected = counter(SELF_SERIES.rejectedRecords, 'Records refused by partial success, by reason.');
  const ignored = counter(SELF_SERIES.ignoredRecords, 'Records accepted but not booked, by name.');
  const unknown = counter(SELF_SERIES.unknownAttributes, 'Attributes that no known client version sends, by name.');
  const limits = counter(SELF_SERIES.limitsHit, 'How often each limit was hit.');
  const duration = meter.createHistogram(SELF_SERIES.requestDuration, { description: 'From the first byte to the answer.', ...SECONDS });
  const commits = meter.createHistogram(SELF_SERIES.commitDuration, { description: 'From queueing an export until it is durable.', ...SECONDS });
  const ledger = ledgerCounters(counter);
  return {
    requestAnswered: (request) => {
      const { signal, transport, encoding, outcome } = request;
      requests.add(1, { signal, transport, encoding, outcome });
      accepted.add(request.accepted, { signal });
      if (!ACCEPTED_OUTCOMES.has(outcome)) refused.add(1, { outcome });
      duration.record(request.durationMs / 1000, { signal, transport });
    },
    rejected: (reason, records) => rejected.add(records, { reason }),
    ignored: (name, records) => ignored.add(records, { name }),
    unknownAttribute: (name, count) => unknown.add(count, { name }),
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
