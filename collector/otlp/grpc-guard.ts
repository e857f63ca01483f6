/**
 * Stands before every gRPC call: checks the token before the message is taken, bounds the time a message may take to arrive, and
 * brings what grpc-js itself answers (a message too large, bytes that do not decompress) under the same table as everything else.
 */
import { status as code, type Metadata, ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder } from '@grpc/grpc-js';
import type { Credentials } from '../telemetry.ts';
import { type Answer, refusal } from './export-handler.ts';
import { SIGNAL_OF_METHOD, statusOf } from './grpc-answer.ts';
import { bodyTooLarge } from './limits.ts';
import type { TransportOptions } from './transport.ts';

type InterceptedCall = Parameters<ServerInterceptor>[1];
type Status = Parameters<InterceptedCall['sendStatus']>[0];

export interface CallGuard {
  readonly interceptor: ServerInterceptor;
  readonly credentialsOf: (metadata: Metadata) => Credentials;
}

export function guardCalls(options: Pick<TransportOptions, 'authenticate' | 'handler' | 'limits' | 'observer'>): CallGuard {
  const { authenticate, handler, limits, observer } = options;
  const proven = new WeakMap<Metadata, Credentials>();

  const interceptor: ServerInterceptor = (method, call) => {
    const signal = SIGNAL_OF_METHOD.get(method.path) ?? 'unknown';
    const sendStatus = call.sendStatus.bind(call);
    const refuse = (answer: Answer): void => {
      clearTimeout(timer);
      const { outcome } = answer;
      observer.requestAnswered({ signal, transport: 'grpc', encoding: 'protobuf', outcome, accepted: 0, rejected: 0, bytes: 0, durationMs: 0 });
      sendStatus(statusOf(answer));
    };
    const timer = setTimeout(() => {
      observer.limitHit('limits.request_ms');
      refuse(refusal('timeout', `The message did not arrive within limits.request_ms (${limits.request_ms}).`));
    }, limits.request_ms);

    // What grpc-js refuses on its own goes to this method of this object and past every interceptor, so here is the only place to see it.
    call.sendStatus = (status) => {
      const answer = translate(status, () => handler.refuse(bodyTooLarge(limits.body_bytes)));
      if (answer === undefined) sendStatus(status);
      else refuse(answer);
    };

    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        try {
          proven.set(metadata, authenticate(metadata.get('authorization')[0]?.toString(), 'ingest'));
        } catch (thrown) {
          refuse(handler.refuse(thrown));
          return;
        }
        next(metadata);
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      .withOnCancel(() => clearTimeout(timer))
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };

  return { interceptor, credentialsOf: (metadata) => proven.get(metadata) ?? {} };
}

/** The answer of our table for a status that grpc-js made itself; undefined for our own statuses, which pass as they are. */
function translate({ code: given, details }: Status, tooLarge: () => Answer): Answer | undefined {
  const text = details ?? '';
  if (given === code.RESOURCE_EXHAUSTED && /^Received message (larger|that decompresses)/.test(text)) return tooLarge();
  if (given === code.INTERNAL && text === 'Failed to decompress message') {
    return refusal('malformed', 'The message is not valid in the compression that grpc-encoding names.');
  }
  if (given === code.UNIMPLEMENTED && /unsupported encoding/.test(text)) {
    return refusal('unsupported_encoding', 'grpc-encoding must be gzip, deflate or identity.');
  }
  if (given === code.UNIMPLEMENTED && /^Received (no|a second) request message/.test(text)) return refusal('malformed', text);
  return undefined;
}
