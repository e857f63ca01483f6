/** The three OTLP export requests from JSON. The shape is the protobuf one; see fields.ts for what is tolerated. */
import type { Attributes } from '../../../attribution/claims.ts';
import type { Export, LogRecord, OtlpSignal, ScopeRecords } from '../../../telemetry.ts';
import type { DecodeLimits } from '../../limits.ts';
import { type Decoded, RecordTally } from '../decoded.ts';
import { JsonObject } from './fields.ts';
import { readLogRecord } from './logs.ts';
import { readMetric } from './metrics.ts';
import { parseJson } from './parse.ts';
import { readSharedAttributes } from './value.ts';

type ReadItem<Item> = (item: JsonObject, tally: RecordTally, into: Item[]) => void;

/**
 * Throws LedgerlineError `invalid` for a body that is not OTLP, naming the path, and `too_large` for a limit of the whole export. What is
 * wrong inside a record costs that record only.
 */
export function decodeJson(signal: OtlpSignal, body: Uint8Array, limits: DecodeLimits): Decoded {
  const tally = new RecordTally(limits);
  const received = readExport(signal, JsonObject.root(parseJson(body, limits)), tally);
  return tally.decoded(received);
}

function readExport(signal: OtlpSignal, request: JsonObject, tally: RecordTally): Export {
  switch (signal) {
    case 'logs':
      return { signal, scopes: readRequest(request, ['resourceLogs', 'scopeLogs', 'logRecords'], tally, readKeptLogRecord) };
    case 'metrics':
      return { signal, scopes: readRequest(request, ['resourceMetrics', 'scopeMetrics', 'metrics'], tally, readMetric) };
    case 'traces':
      readRequest(request, ['resourceSpans', 'scopeSpans', 'spans'], tally, () => tally.count());
      return { signal, spans: tally.records };
  }
}

function readKeptLogRecord(item: JsonObject, tally: RecordTally, into: LogRecord[]): void {
  const record = readLogRecord(item, tally);
  if (tally.keep()) into.push(record);
}

type FieldNames = readonly [resources: string, scopes: string, items: string];

function readRequest<Item>(
  request: JsonObject,
  [resources, ...names]: FieldNames,
  tally: RecordTally,
  readItem: ReadItem<Item>,
): ScopeRecords<Item>[] {
  const into: ScopeRecords<Item>[] = [];
  const leaveOut = (thrown: unknown): void => tally.leaveOut(thrown);
  const readResource = (resourceItems: JsonObject): void => {
    const resource = readSharedAttributes(resourceItems.object('resource'), tally, 'resource');
    resourceItems.each(names[0], (scopeItems) => readScope(scopeItems, resource), leaveOut);
  };
  const readScope = (scopeItems: JsonObject, resource: Attributes): void => {
    const scope = scopeItems.object('scope');
    const records: Item[] = [];
    scopeItems.each(names[1], (item) => readItem(item, tally, records), leaveOut);
    const scopeName = scope?.optionalText('name') ?? '';
    if (records.length > 0) into.push({ resource, scopeName, scopeVersion: scope?.optionalText('version') ?? '', records });
  };
  request.each(resources, readResource, leaveOut);
  return into;
}
