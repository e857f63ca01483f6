/**
 * Exports of another signal than that of the path they came to. They decode: logs and metrics have one outer shape, and what a decoder
 * does not know it skips. So where an export looks empty, its bytes are looked at once more.
 */
import type { OtlpSignal } from '../../telemetry.ts';
import { RefusedError } from '../refused-error.ts';
import type { Decoded } from './decoded.ts';
import { bytes, fixed64, WireReader } from './protobuf/wire-reader.ts';

export interface EncodedExport {
  readonly signal: OtlpSignal;
  readonly encoding: 'protobuf' | 'json';
  readonly body: Uint8Array;
  /** Of traces: spans are read, and not only counted. */
  readonly keepsSpans?: boolean | undefined;
}

/** Throws `invalid` when the body carries another signal. */
export function assertSignal(request: EncodedExport, decoded: Decoded): void {
  if (!looksEmpty(decoded)) return;
  const other = otherSignal(request);
  if (other !== undefined) throw wrongSignal(request, other);
}

/** The refusal for a body that another signal's decoder would have read; undefined when it is none. */
export function refusedSignal(request: EncodedExport): RefusedError | undefined {
  const other = otherSignal(request);
  return other === undefined ? undefined : wrongSignal(request, other);
}

function wrongSignal({ signal, encoding }: EncodedExport, other: OtlpSignal): RefusedError {
  const detail = `${other} to the path of ${signal}${encoding === 'json' ? ', as JSON' : ''}`;
  return new RefusedError(
    'invalid',
    `The body carries ${other}, but ${signal} are received here.`,
    { kind: 'wrong_signal', detail },
    {
      hint: `Send it to /v1/${other}.`,
    },
  );
}

function looksEmpty({ records, received }: Decoded): boolean {
  // Spans are counted unread, so every one of them looks empty.
  if (records === 0 || received.signal === 'traces') return true;
  if (received.signal === 'metrics') return received.scopes[0]?.records[0]?.metric === '';
  const first = received.scopes[0]?.records[0];
  return first !== undefined && first.timeMs === 0 && first.observedMs === 0 && first.attributes.size === 0;
}

function otherSignal({ signal, encoding, body }: EncodedExport): OtlpSignal | undefined {
  const found = encoding === 'json' ? signalOfJson(body) : signalOfItem(firstItem(body));
  return found === signal ? undefined : found;
}

const SIGNAL_OF_KEY = { logs: 'logs', metrics: 'metrics', spans: 'traces' } as const;
const HEAD_BYTES = 256;

function signalOfJson(body: Uint8Array): OtlpSignal | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, HEAD_BYTES)).toString('latin1');
  const key = /^\s*\{\s*"resource_?(logs|metrics|spans)"/i.exec(head)?.[1]?.toLowerCase();
  return key === 'logs' || key === 'metrics' || key === 'spans' ? SIGNAL_OF_KEY[key] : undefined;
}

const RESOURCE_ITEMS = bytes(1);
const SCOPE_ITEMS = bytes(2);
const ITEM = bytes(2);

/** The fields of the first log record, metric or span. */
function firstItem(body: Uint8Array): ReadonlySet<number> {
  const tags = new Set<number>();
  const reader = new WireReader(body);
  try {
    if (!enterFirst(reader, RESOURCE_ITEMS) || !enterFirst(reader, SCOPE_ITEMS) || !enterFirst(reader, ITEM)) return tags;
    while (reader.more()) {
      const tag = reader.tag();
      tags.add(tag);
      reader.skip(tag);
    }
  } catch {
    // Cut off, or no protobuf: what was read so far may be enough.
  }
  return tags;
}

function enterFirst(reader: WireReader, wanted: number): boolean {
  while (reader.more()) {
    const tag = reader.tag();
    if (tag === wanted) {
      reader.enter();
      return true;
    }
    reader.skip(tag);
  }
  return false;
}

const LOG_TIMES = [fixed64(1), fixed64(11)];
const SPAN_START = fixed64(7);
const METRIC_NAME = bytes(1);
/** gauge, sum, histogram, exponential histogram, summary */
const METRIC_DATA = [5, 7, 9, 10, 11].map(bytes);

function signalOfItem(tags: ReadonlySet<number>): OtlpSignal | undefined {
  if (LOG_TIMES.some((tag) => tags.has(tag))) return 'logs';
  if (tags.has(SPAN_START)) return 'traces';
  return tags.has(METRIC_NAME) && METRIC_DATA.some((tag) => tags.has(tag)) ? 'metrics' : undefined;
}
