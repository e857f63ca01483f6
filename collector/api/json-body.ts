/** Small bodies of requests. */
import type { Request } from 'express';
import { LedgerlineError } from '../core/error.ts';

export const BODY_MAX = 64 * 1024;
/** A group with its members: about 20,000. */
export const SCIM_BODY_MAX = 2 * 1024 * 1024;

/** Throws LedgerlineError for another type, too many bytes, or what is no JSON. */
export async function readJson(request: Request, { type = 'application/json', bytesMax = BODY_MAX } = {}): Promise<unknown> {
  if (request.is(type) === false && request.is('application/json') === false) {
    throw new LedgerlineError('invalid', 'The body must be JSON.', { hint: 'Send the header Content-Type: application/json.' });
  }
  const body = await readBody(request, bytesMax);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new LedgerlineError('invalid', 'The body is not JSON.', { cause, hint: 'Send one JSON object.' });
  }
}

/** Throws LedgerlineError `too_large`. */
export async function readBody(request: AsyncIterable<Uint8Array>, bytesMax = BODY_MAX): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.byteLength;
    if (bytes > bytesMax)
      throw new LedgerlineError('too_large', `The body has more than ${bytesMax} bytes.`, { hint: 'A budget or a question fits in less.' });
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The fields of an object, or an error that says what is expected. */
export function asObject(body: unknown, example: string): Readonly<Record<string, unknown>> {
  // Anything but an object was refused; its values stay unknown.
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new LedgerlineError('invalid', 'The body must be a JSON object.', { hint: `Example: ${example}.` });
}
