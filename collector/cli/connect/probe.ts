/** The export that asks whether exports arrive, in both encodings of OTLP, and what is answered to it. */
import { PROBE, PROBE_ID } from '../../catalog/probe.ts';
import { ProtobufWriter } from '../../core/protobuf-writer.ts';

export type ProbeEncoding = 'protobuf' | 'json';

const NS_PER_MS = 1_000_000n;
const SHORT = 1024;

/** An ExportLogsServiceRequest with one record. */
export function probeBody(id: string, nowMs: number, encoding: ProbeEncoding): Buffer {
  return encoding === 'json' ? Buffer.from(JSON.stringify(jsonProbe(id, nowMs))) : protobufProbe(id, nowMs);
}

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });

const jsonProbe = (id: string, nowMs: number): object => ({
  resourceLogs: [
    {
      resource: { attributes: [attribute('service.name', PROBE)] },
      scopeLogs: [
        {
          scope: { name: PROBE },
          logRecords: [{ timeUnixNano: String(BigInt(nowMs) * NS_PER_MS), body: { stringValue: PROBE }, attributes: [attribute(PROBE_ID, id)] }],
        },
      ],
    },
  ],
});

/** Fields are written last first. */
function protobufProbe(id: string, nowMs: number): Buffer {
  const writer = new ProtobufWriter(SHORT);
  const written = (field: number, key: string, value: string): void =>
    writer.message(field, () => {
      writer.message(2, () => writer.text(1, value));
      writer.text(1, key);
    });
  const record = (): void => {
    written(6, PROBE_ID, id);
    writer.message(5, () => writer.text(1, PROBE));
    writer.time(1, nowMs);
  };
  writer.message(1, () => {
    writer.message(2, () => {
      writer.message(2, record);
      writer.message(1, () => writer.text(1, PROBE));
    });
    writer.message(1, () => written(1, 'service.name', PROBE));
  });
  return writer.bytes();
}

/** The message of a partial success; '' where there is none, or the answer is none of OTLP. */
export function messageOf(body: Buffer, encoding: ProbeEncoding): string {
  try {
    if (encoding === 'protobuf') return text(field(field(body, 1), 2));
    const answer: unknown = JSON.parse(body.toString());
    const message = property(property(answer, 'partialSuccess'), 'errorMessage');
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

/** What the body of a refusal says: a google.rpc.Status, or a text. */
export function refusalOf(body: Buffer, type: string): string {
  try {
    return type.startsWith('application/x-protobuf') ? text(field(body, 2)) : body.toString();
  } catch {
    return '';
  }
}

const text = (bytes: Buffer | undefined): string => bytes?.toString() ?? '';

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The bytes of a field. Throws RangeError for what is no protobuf. */
function field(message: Buffer | undefined, wanted: number): Buffer | undefined {
  if (message === undefined) return undefined;
  let at = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; factor < 2 ** 49; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('a number is too long');
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire === WIRE.varint) varint();
    else if (wire === WIRE.fixed64) at += 8;
    else if (wire === WIRE.fixed32) at += 4;
    else if (wire === WIRE.bytes) {
      const length = varint();
      if (at + length > message.length) throw new RangeError('a field is cut off');
      if (Math.floor(tag / 8) === wanted) return message.subarray(at, at + length);
      at += length;
    } else throw new RangeError('no protobuf');
  }
  return undefined;
}
