/** One OTLP/HTTP request from its headers to its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { ROUTES } from '../../../catalog/names.ts';
import type { Limits } from '../../../config/config.ts';
import { connectionOf } from '../../../server/connections.ts';
import type { OtlpSignal } from '../../telemetry.ts';
import { type Answer, type ExportHandler, refusal } from '../export-handler.ts';
import type { Compression } from '../inflate.ts';
import type { SizeLimit } from '../limits.ts';
import type { Encoding, ReceiverObserver } from '../observer.ts';
import { statusBody, successBody } from '../response.ts';
import { addressOf, reportRefusals, withTokenKind } from '../sender.ts';
import type { Approach, SenderAccess } from '../sender-access.ts';
import { type Outcome, type Reply, replyOf } from '../status.ts';
import { AbortedError, readBody } from './body.ts';
import { compressionOf, encodingOf } from './content.ts';
import { reasonOfMethod, reasonOfPath, reasonOfType } from './misdirected.ts';
import type { Rests } from './rest.ts';

export interface ExchangeOptions {
  readonly limits: Limits;
  readonly access: SenderAccess;
  readonly handler: ExportHandler;
  readonly observer: ReceiverObserver;
  readonly rests: Rests;
  /** Why a connection broke, where the server knows more than that it is gone. */
  readonly brokenBy: (request: IncomingMessage) => Outcome | undefined;
}

const SIGNAL_OF_PATH = new Map<string, OtlpSignal>([
  [ROUTES.logs, 'logs'],
  [ROUTES.metrics, 'metrics'],
  [ROUTES.traces, 'traces'],
]);

/** What the headers alone decide: what is to be received, or why it is refused. */
type Head =
  | { readonly signal: OtlpSignal; readonly encoding: Encoding; readonly compression: Compression; readonly refused?: undefined }
  | { readonly signal: OtlpSignal | undefined; readonly encoding: Encoding | undefined; readonly refused: Answer };

type Accepted = Extract<Head, { compression: Compression }>;

const CONTENT_TYPE: Record<Encoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };
const WRONG_PATH = `OTLP is received at ${ROUTES.logs}, ${ROUTES.metrics} and ${ROUTES.traces}.`;
const WRONG_TYPE = 'Content-Type must be application/x-protobuf or application/json.';
const WRONG_ENCODING = 'Content-Encoding must be gzip, deflate or identity.';

function readHead(request: IncomingMessage): Head {
  const signal = SIGNAL_OF_PATH.get((request.url ?? '').split('?', 1)[0] ?? '');
  const encoding = encodingOf(request.headers['content-type']);
  const compression = compressionOf(request.headers['content-encoding']);
  const refuse = (refused: Answer): Head => ({ signal, encoding, refused });
  if (signal === undefined) return refuse(refusal('not_found', WRONG_PATH, reasonOfPath(request)));
  if (request.method !== 'POST') return refuse(refusal('method_not_allowed', 'OTLP is sent with POST.', reasonOfMethod(request)));
  if (encoding === undefined) return refuse(refusal('unsupported_media_type', WRONG_TYPE, reasonOfType(request)));
  if (compression === undefined) {
    return refuse(refusal('unsupported_encoding', WRONG_ENCODING, { detail: request.headers['content-encoding'] ?? '' }));
  }
  return { signal, encoding, compression };
}

/** Answers one request. Never throws or rejects. */
export async function exchange(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions): Promise<void> {
  const started = performance.now();
  const head = readHead(request);
  let bytes = 0;
  const answer =
    refusedHost(request, options) ??
    head.refused ??
    (await receive(request, head, options, (size) => {
      bytes = size;
    }));
  send(response, head, answer, options.handler.closed());
  if (answer.refusals !== undefined)
    reportRefusals(withTokenKind(answer, request.headers.authorization), options.observer, () => addressOf(request.socket));
  // Whatever of the body is still to come has to be read, or the connection is of no more use.
  if (!request.complete) options.rests.discard(request, options.limits.body_bytes);
  const { outcome, accepted, rejected } = answer;
  const { signal = 'unknown', encoding = 'unknown' } = head;
  const durationMs = performance.now() - started;
  options.observer.requestAnswered({ signal, transport: 'http', encoding, outcome, accepted, rejected, bytes, durationMs });
}

/** Before everything else: whoever was sent here under another name gets no other answer. */
function refusedHost({ headers }: IncomingMessage, { access, handler }: ExchangeOptions): Answer | undefined {
  try {
    access.assertHost({ host: headers.host });
    return undefined;
  } catch (thrown) {
    return handler.refuse(thrown);
  }
}

type ReportSize = (bytes: number) => void;

async function receive(request: IncomingMessage, head: Accepted, options: ExchangeOptions, onSize: ReportSize): Promise<Answer> {
  const { limits, access, handler } = options;
  const limit: SizeLimit = { name: 'limits.body_bytes', bytes: limits.body_bytes };
  const holding = handler.admission.arrive(addressOf(request.socket));
  const approach = approachOf(request);
  try {
    // The token is checked before the body is taken, so that strangers cost no memory.
    const credentials = access.admit(approach);
    const body = await readBody(request, limit, holding);
    return await handler.handle({ ...head, body, limit, credentials, holding, waitMs: 0, onSize });
  } catch (thrown) {
    if (thrown instanceof AbortedError) return refusal(options.brokenBy(request) ?? 'aborted', thrown.message);
    return handler.refuse(await access.answerTo(thrown, approach));
  } finally {
    holding.release();
  }
}

const approachOf = ({ headers, socket }: IncomingMessage): Approach => ({
  authorization: headers.authorization,
  host: headers.host,
  connection: connectionOf(socket),
});

function send(response: ServerResponse, { signal, encoding = 'json' }: Head, answer: Answer, closing: boolean): void {
  const reply: Reply = replyOf(answer.outcome);
  const isSuccess = reply.http === 200 && signal !== undefined;
  const body = isSuccess ? successBody(signal, encoding, answer) : statusBody(encoding, answer);
  const headers: Record<string, string | number> = { 'content-type': CONTENT_TYPE[encoding], 'content-length': body.length };
  if (reply.retryAfterSeconds !== undefined) headers['retry-after'] = reply.retryAfterSeconds;
  if (reply.http === 405) headers.allow = 'POST';
  if (reply.http === 401) headers['www-authenticate'] = 'Bearer';
  if (closing) headers.connection = 'close';
  response.writeHead(reply.http, headers).end(body);
}
