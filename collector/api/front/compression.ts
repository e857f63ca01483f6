/** Answers in gzip, for clients that take it. On the way through the front: the work is done by the threads of zlib, not by the reader's. */
import { createGzip, type Gzip } from 'node:zlib';

/** Below, the head of gzip and a second buffer cost more than is saved. */
const BYTES_MIN = 1_024;
/** Rows become an eighth (11 MB in 0.13 s); higher levels take more than twice as long for a tenth less. */
const LEVEL = 1;

const COMPRESSIBLE = /^(?:text\/(?:csv|html|css|javascript|plain)|application\/(?:json|jsonl|problem\+json)|image\/svg\+xml)\s*(?:;|$)/i;

export interface AnswerHead {
  readonly status: number;
  /** Name and value in turn, as Node has them. */
  readonly headers: readonly string[];
}

export interface Compressed {
  readonly headers: readonly string[];
  /** False: the body goes as it is. */
  readonly isGzip: boolean;
}

/** Of an answer on its way. */
export const gzipOnTheWay = (): Gzip => createGzip({ level: LEVEL });

/** How an answer is sent to a client with this Accept-Encoding. Of HEAD the head is that of GET. */
export function compress({ status, headers }: AnswerHead, acceptEncoding: string | undefined): Compressed {
  if (!COMPRESSIBLE.test(headerOf(headers, 'content-type') ?? '') || headerOf(headers, 'content-encoding') !== undefined)
    return { headers, isGzip: false };
  const varying = withVary(headers);
  const length = headerOf(headers, 'content-length');
  const isSmall = length !== undefined && Number(length) < BYTES_MIN;
  if (status !== 200 || isSmall || !acceptsGzip(acceptEncoding ?? '')) return { headers: varying, isGzip: false };
  return { headers: asGzip(varying), isGzip: true };
}

export const headerOf = (headers: readonly string[], name: string): string | undefined =>
  headers.find((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);

/** Each header as it is to be, none or several of it. */
export function mapped(headers: readonly string[], each: (name: string, value: string) => readonly string[]): string[] {
  const result: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) result.push(...each(headers[index] ?? '', headers[index + 1] ?? ''));
  return result;
}

/** Caches keep both forms apart, whichever this one is. */
function withVary(headers: readonly string[]): readonly string[] {
  const before = headerOf(headers, 'vary');
  const others = mapped(headers, (name, value) => (name.toLowerCase() === 'vary' ? [] : [name, value]));
  return [...others, 'Vary', before === undefined ? 'Accept-Encoding' : `${before}, Accept-Encoding`];
}

/** A strong validator is about the very bytes, which are others now. */
const asGzip = (headers: readonly string[]): readonly string[] => [
  ...mapped(headers, (name, value) => {
    if (name.toLowerCase() === 'content-length') return [];
    return [name, name.toLowerCase() === 'etag' && !value.startsWith('W/') ? `W/${value}` : value];
  }),
  'Content-Encoding',
  'gzip',
];

/** RFC 9110, 12.5.3: gzip at least as welcome as the plain form, where that is weighed at all. */
export function acceptsGzip(header: string): boolean {
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(',', 50)) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '') ?? '1';
    if (coding !== '') weights.set(coding, /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0);
  }
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
