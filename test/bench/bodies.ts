/**
 * Request bodies for the load generator: what an organization's clients send, one export each, in the order of time, so that sessions
 * interleave. Every file takes sessions of its own, so no record comes twice, while people, repositories and models stay the same.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { organization } from '../../collector/demo/people.ts';
import { recordsIn } from '../../collector/demo/session.ts';
import { type DemoExport, encodeProtobuf } from '../../collector/demo/wire.ts';
import { encodeJson } from '../support/demo-json.ts';
import { BackfillExports } from './backfill-exports.ts';
import { LiveExports, type Span } from './live-exports.ts';

export type Signal = DemoExport['signal'];

export interface BodyWire {
  readonly encoding: 'protobuf' | 'json';
  readonly gzip: boolean;
}

export interface BodyOptions extends BodyWire {
  readonly file: string;
  /** Are their times those of now, or of days that are over? */
  readonly load: 'live' | 'backfill';
  /** What live ones are spread over; by default some seconds up to now. */
  readonly span?: Span;
  readonly signals: readonly Signal[];
  readonly count: number;
}

export interface BodyFile {
  readonly file: string;
  readonly exports: number;
  readonly records: number;
  readonly bytes: number;
}

/** In front of each body: its length (4 bytes), its records (2), the client that sends it (2) and its signal (1). */
export const HEADER_BYTES = 9;
export const SEED = 'bench';
const GZIP_LEVEL = 6;

export class Bodies {
  readonly #live: LiveExports;
  readonly #backfill: BackfillExports;

  constructor(people: number, nowMs: number) {
    const everyone = organization(SEED, people);
    this.#live = new LiveExports(SEED, everyone, nowMs);
    this.#backfill = new BackfillExports(SEED, everyone, nowMs);
  }

  write({ file, load, span, signals, count, ...wire }: BodyOptions): Promise<BodyFile> {
    return writeBodies(file, load === 'live' ? this.#live.take(signals, count, span) : this.#backfill.take(signals, count), wire);
  }
}

export async function writeBodies(file: string, exports: readonly DemoExport[], { encoding, gzip }: BodyWire): Promise<BodyFile> {
  const stream = createWriteStream(file);
  const written = { file, exports: exports.length, records: 0, bytes: 0 };
  for (const sent of exports) {
    const plain = encoding === 'json' ? Buffer.from(encodeJson([sent])) : encodeProtobuf([sent]);
    const body = gzip ? gzipSync(plain, { level: GZIP_LEVEL }) : plain;
    if (!stream.write(framed(sent, body))) await once(stream, 'drain');
    written.records += recordsIn(sent);
    written.bytes += body.length;
  }
  stream.end();
  await once(stream, 'finish');
  return written;
}

/** A body as it stands in the file. */
export function framed(sent: DemoExport, body: Uint8Array): Buffer {
  return Buffer.concat([header(sent, body.length), body]);
}

/** A client is known by two bytes of its session. */
export const clientOf = ({ sessionId }: DemoExport): number => Number.parseInt(sessionId.slice(0, 4), 16);

function header(sent: DemoExport, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(recordsIn(sent), 4);
  bytes.writeUInt16LE(clientOf(sent), 6);
  bytes.writeUInt8(sent.signal === 'logs' ? 0 : 1, 8);
  return bytes;
}
