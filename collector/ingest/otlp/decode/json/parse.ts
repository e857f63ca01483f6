/** Bytes to a JSON value, safe against bodies that are mostly brackets. */
import { LedgerlineError } from '../../../../core/error.ts';
import type { DecodeLimits } from '../../limits.ts';
import { MalformedError } from '../decoded.ts';

/** Throws `invalid` for text that is not JSON or is nested beyond anything OTLP can mean. */
export function parseJson(body: Uint8Array, limits: DecodeLimits): unknown {
  assertNesting(body, limits);
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be content.
    throw new MalformedError('Not a valid OTLP JSON message: the body is not JSON.');
  }
}

/** The parser does not recurse, but takes about a hundred bytes for each open bracket: harmless below this size. */
const HARMLESS_BYTES = 256 * 1024;
/** Levels from the root to an attribute's value, and levels that one nested AnyValue takes in JSON; the rest is for unknown fields. */
const BASE_LEVELS = 32;
const LEVELS_PER_VALUE = 4;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function assertNesting(body: Uint8Array, limits: DecodeLimits): void {
  if (body.length <= HARMLESS_BYTES) return;
  const deepest = BASE_LEVELS + LEVELS_PER_VALUE * limits.nesting;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > deepest) throw new LedgerlineError('invalid', `The JSON body is nested deeper than limits.nesting (${limits.nesting}) allows.`);
  }
}
