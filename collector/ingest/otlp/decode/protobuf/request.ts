/**
 * The three OTLP export requests from protobuf. All have one shape: resources hold scopes, scopes hold items, under the same field
 * numbers, so that shape is read once here and the items in their own files. Fields may come in any order, and a resource that
 * stands behind its scopes still belongs to them: where order matters, a message is read twice.
 */
import type { Attributes } from '../../../attribution/claims.ts';
import type { Export, LogRecord, OtlpSignal, ScopeRecords } from '../../../telemetry.ts';
import type { DecodeLimits } from '../../limits.ts';
import { type Decoded, RecordTally } from '../decoded.ts';
import { readLogRecord } from './logs.ts';
import { readMetric } from './metrics.ts';
import { readSharedAttributes } from './value.ts';
import { bytes, WireReader } from './wire-reader.ts';

const RESOURCE_ITEMS = bytes(1);
const RESOURCE = bytes(1);
const SCOPE_ITEMS = bytes(2);
const SCOPE = bytes(1);
const ITEMS = bytes(2);
const RESOURCE_ATTRIBUTES = bytes(1);
const SCOPE_NAME = bytes(1);
const SCOPE_VERSION = bytes(2);

type ReadItem<Item> = (reader: WireReader, tally: RecordTally, into: Item[]) => void;

/**
 * Throws LedgerlineError `invalid` for malformed bytes and `too_large` when the export as a whole exceeds a limit. What is malformed inside
 * a record costs that record only.
 */
export function decodeProtobuf(signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits): Decoded {
  const reader = new WireReader(body);
  const tally = new RecordTally(limits);
  const received = readExport(signal, reader, tally);
  return tally.decoded(received);
}

function readExport(signal: OtlpSignal, reader: WireReader, tally: RecordTally): Export {
  switch (signal) {
    case 'logs':
      return { signal, scopes: readRequest(reader, tally, readKeptLogRecord) };
    case 'metrics':
      return { signal, scopes: readRequest(reader, tally, readMetric) };
    case 'traces':
      readRequest(reader, tally, countSpan);
      return { signal, spans: tally.records };
  }
}

function readKeptLogRecord(reader: WireReader, tally: RecordTally, into: LogRecord[]): void {
  const record = readLogRecord(reader, tally);
  if (tally.keep()) into.push(record);
}

function countSpan(reader: WireReader, tally: RecordTally): void {
  reader.skip(ITEMS);
  tally.count();
}

function readRequest<Item>(reader: WireReader, tally: RecordTally, readItem: ReadItem<Item>): ScopeRecords<Item>[] {
  const scopes: ScopeRecords<Item>[] = [];
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === RESOURCE_ITEMS) readResourceItems(reader, tally, readItem, scopes);
    else reader.skip(tag);
  }
  return scopes;
}

function readResourceItems<Item>(reader: WireReader, tally: RecordTally, readItem: ReadItem<Item>, into: ScopeRecords<Item>[]): void {
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
    if (tag === SCOPE_ITEMS) readScopeItems(reader, tally, readItem, resource, into);
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readScopeItems<Item>(
  reader: WireReader,
  tally: RecordTally,
  readItem: ReadItem<Item>,
  resource: Attributes,
  into: ScopeRecords<Item>[],
): void {
  const outer = reader.enter();
  const records: Item[] = [];
  const read = (): void => readItem(reader, tally, records);
  const leaveOut = (thrown: unknown): void => tally.leaveOut(thrown);
  let scope = { scopeName: '', scopeVersion: '' };
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === ITEMS) reader.attempt(read, leaveOut);
    else if (tag === SCOPE) scope = readScope(reader);
    else reader.skip(tag);
  }
  reader.leave(outer);
  // Two bytes make an empty scope: keeping those would let a small body fill the memory.
  if (records.length > 0) into.push({ resource, ...scope, records });
}

function readScope(reader: WireReader): { scopeName: string; scopeVersion: string } {
  const outer = reader.enter();
  let scopeName = '';
  let scopeVersion = '';
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === SCOPE_NAME) scopeName = reader.text();
    else if (tag === SCOPE_VERSION) scopeVersion = reader.text();
    else reader.skip(tag);
  }
  reader.leave(outer);
  return { scopeName, scopeVersion };
}
