/** fetch for what takes long: that of Node gives up after five minutes without an answer, whatever its signal says. */
import { request as askHttp, type IncomingMessage } from 'node:http';
import { request as askHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { MINUTE_MS } from '../core/duration.ts';

export interface PatientRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Rejects as fetch does. */
export async function patientFetch(url: URL, { method, headers, body, signal }: PatientRequest): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const ask = url.protocol === 'https:' ? askHttps : askHttp;
  // A connection of its own, so that what it sets is nobody else's.
  const asked = ask(url, { method, headers, signal, agent: false });
  asked.on('response', resolve);
  asked.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
  // On the way there are those that forget connections on which nothing comes.
  asked.setSocketKeepAlive(true, MINUTE_MS);
  asked.end(body);
  const answer = await promise;
  const content = await text(answer);
  return new Response(content === '' ? null : content, { status: answer.statusCode ?? 502 });
}
