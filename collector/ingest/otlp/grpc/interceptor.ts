/**
 * Stands before every gRPC call: checks the token before the message is taken, bounds the time a message may take to arrive, and
 * brings what grpc-js itself answers (a message too large, a compression it does not know) under the same table as everything else.
 */
import { status as code, type Metadata, ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder } from '@grpc/grpc-js';
import type { Limits } from '../../../config/config.ts';
import { LedgerlineError } from '../../../core/error.ts';
import type { Credentials } from '../../../server/auth.ts';
import { type Connection, endsOf } from '../../../server/connections.ts';
import { type Answer, refusal } from '../export-handler.ts';
import { bodyTooLarge, type SizeLimit, tooManyBytesPending } from '../limits.ts';
import { addressOfPeer, reportRefusals, withTokenKind } from '../sender.ts';
import type { Approach } from '../sender-access.ts';
import type { Outcome } from '../status.ts';
import type { TransportOptions } from '../transport.ts';
import { SIGNAL_OF_METHOD, statusOf } from './answer.ts';
import { Arrival, type InterceptedCall } from './arrival.ts';

type Status = Parameters<InterceptedCall['sendStatus']>[0];

/** A call that may be handled. */
export interface ProvenCall {
  readonly credentials: Credentials;
  readonly arrival: Arrival;
}

export interface CallGuard {
  readonly interceptor: ServerInterceptor;
  /** By the metadata that the call came with. */
  readonly callOf: (metadata: Metadata) => ProvenCall;
}

export const messageLimit = (limits: Pick<Limits, 'grpc_message_bytes'>): SizeLimit => ({
  name: 'limits.grpc_message_bytes',
  bytes: limits.grpc_message_bytes,
});

type GuardOptions = Pick<TransportOptions, 'access' | 'handler' | 'limits' | 'observer'>;

export function guardCalls(options: GuardOptions, find: (ends: string) => Connection | undefined): CallGuard {
  const { access, handler, limits, observer } = options;
  const proven = new WeakMap<Metadata, ProvenCall>();

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
      arrival.close();
      sendStatus(statusOf(answer));
    };
    const refuseForRoom = (): void => refuse(handler.refuse(tooManyBytesPending()));
    const arrival = new Arrival(call, handler.admission.arrive(addressOfPeer(call.getPeer())), refuseForRoom);
    const timer = setTimeout(() => {
      if (arrival.isWaiting) {
        refuseForRoom();
        return;
      }
      observer.limitHit('limits.request_ms');
      refuse(refusal('timeout', `The message did not arrive within limits.request_ms (${limits.request_ms}).`));
    }, limits.request_ms);

    const abort = (): void => {
      // What is being handled stays held until it is done.
      if (settled) return;
      arrival.close();
      report(refusal('aborted', ''));
      count('aborted');
    };

    // What grpc-js refuses on its own goes to this method of this object and past every interceptor, so here is the only place to see it.
    call.sendStatus = (status) => {
      const answer = translate(status, () => handler.refuse(bodyTooLarge(messageLimit(limits))));
      if (answer !== undefined) refuse(answer);
      else {
        if (!settled) arrival.close();
        settle();
        sendStatus(status);
      }
    };

    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const approach = approachOf(call, metadata, find);
        try {
          access.assertHost(approach);
          proven.set(metadata, { credentials: access.admit(approach), arrival });
        } catch (thrown) {
          void access.answerTo(thrown, approach).then((error) => {
            // The sender may be gone by now, or out of time.
            if (!settled) refuse(withTokenKind(handler.refuse(error), approach.authorization));
          });
          return;
        }
        next(metadata);
      })
      .withOnReceiveHalfClose((next) => {
        settle();
        next();
      })
      .withOnCancel(() => abort())
      .build();
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next(listener);
        // A call that was cancelled before it began is never said to be: what it holds would stay held.
        if (arrival.isGone) abort();
      },
    });
  };

  return { interceptor, callOf: (metadata) => proven.get(metadata) ?? cameUnguarded() };
}

function cameUnguarded(): never {
  throw new LedgerlineError('internal', 'A call came past its guard.');
}

const approachOf = (call: InterceptedCall, metadata: Metadata, find: (ends: string) => Connection | undefined): Approach => ({
  authorization: metadata.get('authorization')[0]?.toString(),
  host: call.getHost(),
  connection: find(endsOf(call.getConnectionInfo())),
});

/** The answer of our table for a status that grpc-js made itself; undefined for our own statuses, which pass as they are. */
function translate({ code: given, details }: Status, tooLarge: () => Answer): Answer | undefined {
  const text = details ?? '';
  if (given === code.RESOURCE_EXHAUSTED && text.startsWith('Received message larger')) return tooLarge();
  if (given === code.UNIMPLEMENTED && /unsupported encoding/.test(text)) {
    return refusal('unsupported_encoding', 'grpc-encoding must be gzip, deflate or identity.');
  }
  // What a connection that breaks in mid-message looks like from here.
  if (given === code.UNIMPLEMENTED && /^Received no request message/.test(text))
    return refusal('aborted', 'The call ended before its message was complete.');
  if (given === code.UNIMPLEMENTED && /^Received a second request message/.test(text)) return refusal('malformed', 'An export is one message.');
  return undefined;
}
