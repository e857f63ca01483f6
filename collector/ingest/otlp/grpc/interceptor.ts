/**
 * Stands before every gRPC call: checks the token before the message is taken, bounds the time a message may take to arrive, and
 * brings what grpc-js itself answers (a message too large, bytes that do not decompress) under the same table as everything else.
 */
import { status as code, type Metadata, ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder } from '@grpc/grpc-js';
import type { Credentials } from '../../../server/auth.ts';
import { type Answer, refusal } from '../export-handler.ts';
import { bodyTooLarge } from '../limits.ts';
import { addressOfPeer, reportRefusals, withTokenKind } from '../sender.ts';
import type { Outcome } from '../status.ts';
import type { TransportOptions } from '../transport.ts';
import { SIGNAL_OF_METHOD, statusOf } from './answer.ts';

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
    // True once the message has arrived whole, or the call was refused: from then on the export's own answer counts.
    let settled = false;
    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
    };
    const count = (outcome: Outcome): void => {
      settle();
      observer.requestAnswered({ signal, transport: 'grpc', encoding: 'protobuf', outcome, accepted: 0, rejected: 0, bytes: 0, durationMs: 0 });
    };
    const report = (answer: Answer): void => reportRefusals(answer, observer, () => addressOfPeer(call.getPeer()));
    const refuse = (answer: Answer): void => {
      report(answer);
      count(answer.outcome);
      sendStatus(statusOf(answer));
    };
    const timer = setTimeout(() => {
      observer.limitHit('limits.request_ms');
      refuse(refusal('timeout', `The message did not arrive within limits.request_ms (${limits.request_ms}).`));
    }, limits.request_ms);

    // What grpc-js refuses on its own goes to this method of this object and past every interceptor, so here is the only place to see it.
    call.sendStatus = (status) => {
      const answer = translate(status, () => handler.refuse(bodyTooLarge(limits.body_bytes)));
      if (answer !== undefined) refuse(answer);
      else {
        settle();
        sendStatus(status);
      }
    };

    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        try {
          proven.set(metadata, authenticate(metadata.get('authorization')[0]?.toString(), 'ingest'));
        } catch (thrown) {
          refuse(withTokenKind(handler.refuse(thrown), metadata.get('authorization')[0]?.toString()));
          return;
        }
        next(metadata);
      })
      .withOnReceiveHalfClose((next) => {
        settle();
        next();
      })
      .withOnCancel(() => {
        if (settled) return;
        report(refusal('aborted', ''));
        count('aborted');
      })
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
  // What a connection that breaks in mid-message looks like from here.
  if (given === code.UNIMPLEMENTED && /^Received no request message/.test(text))
    return refusal('aborted', 'The call ended before its message was complete.');
  if (given === code.UNIMPLEMENTED && /^Received a second request message/.test(text)) return refusal('malformed', 'An export is one message.');
  return undefined;
}
