/** What a connection speaks, by its first bytes. */

export type Opening = 'tls' | 'http2' | 'http1' | 'other';

const TLS_HANDSHAKE = 0x16;
const HTTP2 = 'PRI ';
const HTTP1 = /^[A-Z]{3,10} \S/;
/** Enough for the longest method and the start of a path. */
const HEAD_BYTES = 16;

/** A head that is too short to tell counts as what it may still become. */
export function openingOf(head: Uint8Array): Opening {
  if (head[0] === TLS_HANDSHAKE) return 'tls';
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, HEAD_BYTES)).toString('latin1');
  if (HTTP2.startsWith(text.slice(0, HTTP2.length))) return 'http2';
  return HTTP1.test(text) && !text.startsWith('PROXY ') ? 'http1' : 'other';
}
