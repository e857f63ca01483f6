/** Who sent what was refused. Called for refusals only: asking a socket for its address costs a system call. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { OnLimit } from '../../server/connections.ts';
import type { Answer } from './export-handler.ts';
import type { ReceiverObserver } from './observer.ts';

/** Without its port; '' for a connection that is gone. */
export const addressOf = (socket: Duplex | Pick<Socket, 'remoteAddress'>): string => ('remoteAddress' in socket ? (socket.remoteAddress ?? '') : '');

/** grpc-js gives "address:port", with brackets around IPv6. */
export const addressOfPeer = (peer: string): string => peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

export function reportRefusals({ refusals = [] }: Answer, observer: Pick<ReceiverObserver, 'refused'>, address: () => string): void {
  for (const refusal of refusals) observer.refused(refusal, address());
}

/** A connection that was closed, or not let in, for lack of room. */
export function reportLimit(observer: ReceiverObserver): OnLimit {
  return (limit, address) => {
    observer.limitHit(limit);
    observer.refused({ kind: 'limit', detail: limit, count: 1 }, address);
  };
}

/** A request without a bearer token is another mistake than one with a wrong token. */
export function withTokenKind(answer: Answer, authorization: string | undefined): Answer {
  if (answer.outcome !== 'unauthenticated' || /^Bearer(?: +|%20)\S/i.test(authorization ?? '')) return answer;
  return { ...answer, refusals: [{ kind: 'token_missing', detail: '', count: 1 }] };
}
