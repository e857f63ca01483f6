/**
 * The three OTLP export requests from protobuf. All have one shape: resources hold scopes, scopes hold items, under the same field
 * numbers, so that shape is read once here and the items in their own files. Fields may come in any order, and a resource that
 * stands behind its scopes still belongs to them: where order matters, a message is read twice.
 */
import type { Attributes, AttributeValue } from '../../../attribution/claims.ts';
import type { DataPoint, Export, LogRecord, OtlpSignal, ScopeRecords, Span } from '../../../telemetry.ts';
import type { DecodeLimits } from '../../limits.ts';
import { type Decoded, type Pauses, RecordTally, withScope } from '../decoded.ts';
import { readLogRecord } from './logs.ts';
import { readMetric } from './metrics.ts';
import { readSpan } from './spans.ts';
import { readAttribute, readSharedAttributes } from './value.ts';
import { bytes, WireReader } from './wire-reader.ts';

const RESOURCE_ITEMS = bytes(1);
const RESOURCE = bytes(1);
const SCOPE_ITEMS = bytes(2);
const SCOPE = bytes(1);
const ITEMS = bytes(2);
const RESOURCE_ATTRIBUTES = bytes(1);
const SCOPE_NAME = bytes(1);
const SCOPE_VERSION = bytes(2);
const SCOPE_ATTRIBUTES = bytes(3);

/** Reads the item at the cursor; what is malformed in it costs no other. */
type ReadItem<Item> = (reader: WireReader, tally: RecordTally, into: Item[]) => Pauses;

/**
 * With pauses. Throws LedgerlineError `invalid` for malformed bytes and `too_large` when the export as a whole exceeds a limit. What is
 * malformed inside a record costs that record only.
 */
export function* decodingProtobuf(signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits, keepsSpans = false): Generator<void, Decoded> {
  const reader = new WireReader(body);
  const tally = new RecordTally(limits);
  return tally.decoded(yield* readExport(signal, reader, tally, keepsSpans));
}

function* readExport(signal: OtlpSignal, reader: WireReader, tally: RecordTally, keepsSpans: boolean): Generator<void, Export> {
  switch (signal) {
    case 'logs':
      return { signal, scopes: yield* readRequest(reader, tally, readKeptLogRecord) };
    case 'metrics':
      return { signal, scopes: yield* readRequest(reader, tally, readMetricInTurns) };
    case 'traces': {
      const scopes = yield* readRequest(reader, tally, keepsSpans ? readKeptSpan : countSpan);
      return { signal, spans: tally.records, scopes };
    }
  }
}

function readKeptLogRecord(reader: WireReader, tally: RecordTally, into: LogRecord[]): Pauses {
  const read = (): void => {
    const record = readLogRecord(reader, tally);
    if (tally.keep()) into.push(record);
  };
  reader.attempt(read, (thrown) => tally.leaveOut(thrown));
  return tally.pauses();
}

const readMetricInTurns = (reader: WireReader, tally: RecordTally, into: DataPoint[]): Pauses =>
  reader.attemptInTurns(
    () => readMetric(reader, tally, into),
    (thrown) => tally.leaveOut(thrown),
  );

function readKeptSpan(reader: WireReader, tally: RecordTally, into: Span[]): Pauses {
  const read = (): void => {
    const span = readSpan(reader, tally);
    if (tally.keep()) into.push(span);
  };
  reader.attempt(read, (thrown) => tally.leaveOut(thrown));
  return tally.pauses();
}

function countSpan(reader: WireReader, tally: RecordTally): Pauses {
  reader.skip(ITEMS);
  tally.count();
  return tally.pauses();
}

function* readRequest<Item>(reader: WireReader, tally: RecordTally, readItem: ReadItem<Item>): Generator<void, ScopeRecords<Item>[]> {
  const scopes: ScopeRecords<Item>[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === RESOURCE_ITEMS) yield* readResourceItems(reader, tally, readItem, scopes);
    else reader.skip(tag);
  }
  return scopes;
}

function* readResourceItems<Item>(reader: WireReader, tally: RecordTally, readItem: ReadItem<Item>, into: ScopeRecords<Item>[]): Generator<void> {
  const outer = reader.enter();
  const start = reader.position();
  let resource: Attributes = new Map();
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === RESOURCE) resource = readSharedAttributes(reader, tally, RESOURCE_ATTRIBUTES, 'resource');
    else reader.skip(tag);
  }
  reader.rewind(start);
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === SCOPE_ITEMS) yield* readScopeItems(reader, tally, readItem, resource, into);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function* readScopeItems<Item>(
  reader: WireReader,
  tally: RecordTally,
  readItem: ReadItem<Item>,
  resource: Attributes,
  into: ScopeRecords<Item>[],
): Generator<void> {
  const outer = reader.enter();
  const records: Item[] = [];
  let scope = NO_SCOPE;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ITEMS) {
      const pauses = readItem(reader, tally, records);
      if (pauses !== undefined) yield* pauses;
    } else if (tag === SCOPE) scope = readScope(reader, tally);
    else reader.skip(tag);
  }
  reader.leave(outer);
  // Two bytes make an empty scope: keeping those would let a small body fill the memory.
  const { scopeName, scopeVersion, attributes } = scope;
  if (records.length > 0) into.push({ resource: withScope(resource, attributes), scopeName, scopeVersion, records });
}

interface Scope {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly attributes: Attributes;
}

const NO_SCOPE: Scope = { scopeName: '', scopeVersion: '', attributes: new Map() };

function readScope(reader: WireReader, tally: RecordTally): Scope {
  const outer = reader.enter();
  let scopeName = '';
  let scopeVersion = '';
  let attributes: Map<string, AttributeValue> | undefined;
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === SCOPE_NAME) scopeName = reader.text();
    else if (tag === SCOPE_VERSION) scopeVersion = reader.text();
    else if (tag === SCOPE_ATTRIBUTES) {
      attributes ??= new Map();
      readAttribute(reader, tag, tally, attributes);
    } else reader.skip(tag);
  }
  reader.leave(outer);
  tally.assertShared('scope');
  return { scopeName, scopeVersion, attributes: attributes ?? NO_SCOPE.attributes };
}
