/** The collector's own health through the OpenTelemetry SDK. It never exports: /metrics asks for the text. */
import type { Attributes, Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { PRODUCT, SELF_SERIES } from '../catalog/names.ts';
import type { AppendOutcome } from '../ledger/entry.ts';
import type { LedgerCounters } from '../ledger/ledger.ts';
import { SELF_HELP } from './self-help.ts';

/** One answered export request, as the receivers report it. Labels come from fixed sets. */
export interface AnsweredRequest {
  readonly signal: string;
  readonly transport: string;
  readonly encoding: string;
  /** Name of the row in the receiver's table of outcomes. */
  readonly outcome: string;
  readonly accepted: number;
  readonly durationMs: number;
}

/** Takes what the parts of the collector report about themselves. Nothing in it throws or waits. */
export interface SelfTelemetry {
  requestAnswered(request: AnsweredRequest): void;
  limitHit(limit: string): void;
  /** Kinds of catalog/refusals.ts. */
  refused(kind: string, count: number): void;
  /** Records refused by partial success. */
  rejected(reason: string, records: number): void;
  /** Records accepted but not booked. */
  ignored(name: string, records: number): void;
  unknownAttribute(name: string, count: number): void;
  /** Records with a missing or unbelievable time. */
  correctedTimes(signal: string, records: number): void;
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

/** What a replica says of itself. */
export interface ReplicaInfo {
  readonly role: string;
  readonly version: string;
}

/**
 * Starts the SDK of this thread. `before` are lifetime counts that the ledger kept, so that its counters survive a restart; 'shared' of a ledger
 * that several replicas write, which shows them itself.
 */
export function startSelfTelemetry(before?: LedgerCounters | 'shared', replica?: ReplicaInfo): SelfTelemetry {
  clearOtelEnvironment();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const telemetry = instruments(provider.getMeter(PRODUCT), before !== 'shared');
  if (before !== undefined && before !== 'shared') telemetry.counted(before);
  if (replica !== undefined) telemetry.named(replica);
  return {
    ...telemetry,
    collectSelfText: async () => `${serializer.serialize((await exporter.collect()).resourceMetrics).trimEnd()}\n`,
    close: () => provider.shutdown(),
  };
}

type Instruments = Omit<SelfTelemetry, 'collectSelfText' | 'close'> & { counted(outcome: AppendOutcome): void; named(replica: ReplicaInfo): void };

function instruments(meter: Meter, countsLedger: boolean): Instruments {
  const counter: CreateCounter = (key) => meter.createCounter(SELF_SERIES[key], { description: SELF_HELP[key] });
  const requests = counter('receivedRequests');
  const refused = counter('refusedRequests');
  const accepted = counter('acceptedRecords');
  const rejected = counter('rejectedRecords');
  const ignored = counter('ignoredRecords');
  const unknown = counter('unknownAttributes');
  const corrected = counter('correctedTimes');
  const limits = counter('limitsHit');
  const refusals = counter('refusals');
  const duration = meter.createHistogram(SELF_SERIES.requestDuration, { description: SELF_HELP.requestDuration, ...SECONDS });
  const commits = meter.createHistogram(SELF_SERIES.commitDuration, { description: SELF_HELP.commitDuration, ...SECONDS });
  const ledger = countsLedger ? ledgerCounters(counter) : () => undefined;
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
    correctedTimes: (signal, records) => corrected.add(records, { signal }),
    limitHit: (limit) => limits.add(1, { limit }),
    refused: (kind, count) => refusals.add(count, { kind }),
    committed: (outcome, seconds) => {
      ledger(outcome);
      commits.record(seconds);
    },
    counted: ledger,
    named: ({ role, version }) => {
      const gauge = meter.createObservableGauge(SELF_SERIES.replicaInfo, { description: SELF_HELP.replicaInfo });
      gauge.addCallback((result) => result.observe(1, { role, version }));
    },
    watchPending: (pending) => {
      const gauge = meter.createObservableGauge(SELF_SERIES.pendingExports, { description: SELF_HELP.pendingExports });
      gauge.addCallback((result) => result.observe(pending()));
    },
  };
}

type CreateCounter = (key: keyof typeof SELF_SERIES) => { add(value: number, attributes?: Attributes): void };

function ledgerCounters(counter: CreateCounter): (outcome: AppendOutcome) => void {
  const counters = {
    appended: counter('ledgerAppended'),
    duplicates: counter('ledgerDuplicates'),
    conflicts: counter('ledgerConflicts'),
    expired: counter('ledgerExpired'),
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
