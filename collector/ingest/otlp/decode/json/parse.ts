/** Bytes to a JSON value. The body has been measured before. */
import { MalformedError } from '../decoded.ts';

/** Throws `invalid` for text that is not JSON. */
export function parseJson(body: Uint8Array): unknown {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be content.
    throw new MalformedError('Not a valid OTLP JSON message: the body is not JSON.');
  }
}
