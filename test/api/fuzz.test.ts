/** Whatever is asked of the API, it answers, says what is wrong as JSON, and goes on. */
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { event, NOON } from '../support/entries.ts';
import { Random } from '../support/random.ts';
import { type HostileRequest, hostileRequest } from './requests.ts';
import { startApi, type TestApi } from './support.ts';

// After a change to parameters or routes: LEDGERLINE_HOSTILE_REQUESTS=100000 npm test -- api/fuzz --testTimeout=3600000
const REQUESTS = Number(process.env.LEDGERLINE_HOSTILE_REQUESTS ?? 2_000);
const SEED = 20261128;
const AT_ONCE = 4;

let api: TestApi;
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
beforeAll(async () => {
  api = await startApi({
    nowMs: NOON,
    config: { budgets: [{ name: 'platform', scope: { team: 'platform' }, period: 'month', amount_usd: '100.00' }] },
  });
  await api.append(
    Array.from({ length: 200 }, (_, index) => event({ id: `${index}`, sessionId: `s${index % 20}`, timeMs: NOON - index * 3_600_000 })),
  );
});
afterAll(async () => {
  agent.destroy();
  await api.stop();
});

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send({ method, path, headers, body }: HostileRequest): Promise<Reply> {
  const { hostname, port } = new URL(api.url);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const framed = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const sent = request({ hostname, port, agent, method, path, headers: framed }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        ...{ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '' },
        text: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** What is wrong with the answer; undefined when nothing is. */
function complaint({ method }: HostileRequest, { status, type, text }: Reply): string | undefined {
  if (status === 0 || status >= 500) return `${status} ${text.slice(0, 200)}`;
  if (status < 400 || method === 'HEAD') return undefined;
  if (!type.startsWith('application/problem+json')) return `${status} as ${type}: ${text.slice(0, 200)}`;
  const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
  return typeof error?.code === 'string' && typeof error.message === 'string' && !text.includes('node_modules')
    ? undefined
    : `no problem: ${text.slice(0, 200)}`;
}

test(`${REQUESTS} hostile requests of seed ${SEED} get an answer each, none of them 5xx`, async () => {
  const random = new Random(SEED);
  const complaints: string[] = [];
  const answered = new Map<number, number>();
  let left = REQUESTS;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const hostile = hostileRequest(random);
      const reply = await send(hostile).catch((error: Error) => ({ status: 0, type: '', text: error.message }));
      answered.set(reply.status, (answered.get(reply.status) ?? 0) + 1);
      const wrong = complaint(hostile, reply);
      if (wrong !== undefined) complaints.push(`${hostile.method} ${hostile.path.slice(0, 300)} ${hostile.body?.slice(0, 100) ?? ''}: ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  expect(complaints.slice(0, 20)).toEqual([]);
  // Else the generator has lost its way to what it attacks.
  expect([...answered.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405]));
  expect(answered.get(200)).toBeGreaterThan(REQUESTS / 10);
  expect((await api.get('/healthz')).status).toBe(200);
});
