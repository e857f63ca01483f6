/** The three OTLP export requests from JSON. The shape is the protobuf one; see fields.ts for what is tolerated. */
import type { Attributes } from '../../../attribution/claims.ts';
import type { Export, LogRecord, OtlpSignal, ScopeRecords, Span } from '../../../telemetry.ts';
import type { DecodeLimits } from '../../limits.ts';
import { type Decoded, type Pauses, RecordTally, withScope } from '../decoded.ts';
import { JsonObject } from './fields.ts';
import { readLogRecord } from './logs.ts';
import { readMetric } from './metrics.ts';
import { parseJson } from './parse.ts';
import { readSpan } from './spans.ts';
import { readSharedAttributes } from './value.ts';

type ReadItem<Item> = (item: JsonObject, tally: RecordTally, into: Item[]) => Pauses;

/**
 * With pauses; the parser has none, so the body must have been measured. Throws LedgerlineError `invalid` for a body that is not OTLP, naming
 * the path, and `too_large` for a limit of the whole export. What is wrong inside a record costs that record only.
 */
export function* decodingJson(signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits, keepsSpans = false): Generator<void, Decoded> {
  const tally = new RecordTally(limits);
  const request = JsonObject.root(parseJson(body));
  yield;
  return tally.decoded(yield* readExport(signal, request, tally, keepsSpans));
}

function* readExport(signal: OtlpSignal, request: JsonObject, tally: RecordTally, keepsSpans: boolean): Generator<void, Export> {
  switch (signal) {
    case 'logs':
      return { signal, scopes: yield* readRequest(request, ['resourceLogs', 'scopeLogs', 'logRecords'], tally, readKeptLogRecord) };
    case 'metrics':
      return { signal, scopes: yield* readRequest(request, ['resourceMetrics', 'scopeMetrics', 'metrics'], tally, readMetric) };
    case 'traces': {
      const scopes = yield* readRequest(request, ['resourceSpans', 'scopeSpans', 'spans'], tally, keepsSpans ? readKeptSpan : countSpan);
      return { signal, spans: tally.records, scopes };
    }
  }
}

function readKeptLogRecord(item: JsonObject, tally: RecordTally, into: LogRecord[]): Pauses {
  const record = readLogRecord(item, tally);
  if (tally.keep()) into.push(record);
  return tally.pauses();
}

function readKeptSpan(item: JsonObject, tally: RecordTally, into: Span[]): Pauses {
  const span = readSpan(item, tally);
  if (tally.keep()) into.push(span);
  return tally.pauses();
}

function countSpan(_span: JsonObject, tally: RecordTally): Pauses {
  tally.count();
  return tally.pauses();
}

type FieldNames = readonly [resources: string, scopes: string, items: string];

/** One request being read. The generators stand outside of functions: V8 makes a prototype and a hidden class for each that is a closure. */
interface Reading<Item> {
  readonly names: FieldNames;
  readonly tally: RecordTally;
  readonly readItem: ReadItem<Item>;
  readonly leaveOut: (thrown: unknown) => void;
  readonly into: ScopeRecords<Item>[];
}

function* readRequest<Item>(
  request: JsonObject,
  names: FieldNames,
  tally: RecordTally,
  readItem: ReadItem<Item>,
): Generator<void, ScopeRecords<Item>[]> {
  const into: ScopeRecords<Item>[] = [];
  const leaveOut = (thrown: unknown): void => tally.leaveOut(thrown);
  const reading = { names, tally, readItem, leaveOut, into };
  yield* request.eachInTurns(names[0], (resourceItems) => readResource(resourceItems, reading), leaveOut);
  return into;
}

function* readResource<Item>(resourceItems: JsonObject, reading: Reading<Item>): Generator<void> {
  const resource = readSharedAttributes(resourceItems.object('resource'), reading.tally, 'resource');
  yield* resourceItems.eachInTurns(reading.names[1], (scopeItems) => readScope(scopeItems, resource, reading), reading.leaveOut);
}

function* readScope<Item>(scopeItems: JsonObject, resource: Attributes, reading: Reading<Item>): Generator<void> {
  const { names, tally, readItem, leaveOut, into } = reading;
  const scope = scopeItems.object('scope');
  const shared = withScope(resource, readSharedAttributes(scope, tally, 'scope'));
  const records: Item[] = [];
  yield* scopeItems.eachInTurns(names[2], (item) => readItem(item, tally, records), leaveOut);
  const scopeName = scope?.optionalText('name') ?? '';
  if (records.length > 0) into.push({ resource: shared, scopeName, scopeVersion: scope?.optionalText('version') ?? '', records });
}
