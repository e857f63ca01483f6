/** fetch for what takes long: that of Node gives up after five minutes without an answer, whatever its signal says. */
import { request as askHttp, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as askHttps, Agent as HttpsAgent } from 'node:https';
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
  const [ask, OwnAgent] = url.protocol === 'https:' ? ([askHttps, HttpsAgent] as const) : ([askHttp, HttpAgent] as const);
  // A connection of its own, so that what it sets is nobody else's; through the proxy through which fetch goes.
  const agent = new OwnAgent({ proxyEnv: process.env.NODE_USE_ENV_PROXY === '1' ? process.env : undefined });
  const asked = ask(url, { method, headers, signal, agent });
  asked.on('response', resolve);
  asked.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
  // On the way there are those that forget connections on which nothing comes.
  asked.setSocketKeepAlive(true, MINUTE_MS);
  asked.end(body);
  const answer = await promise;
  const content = await text(answer);
  return new Response(content === '' ? null : content, { status: answer.statusCode ?? 502 });
}
