/** What ports for readers do about requests that are not let in: count them where `ledgerline doctor` sees it, and slow wrong tokens down. */
import type { IncomingMessage } from 'node:http';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { Refusal } from '../catalog/refusals.ts';
import { LedgerlineError } from '../core/error.ts';
import { type Authenticate, type Credentials, presentedToken, type Role, RoleError, UnknownCertificateError } from './auth.ts';
import type { ClientCertificate } from './client-certificate.ts';
import { connectionOf } from './connections.ts';
import { assertHost, type HostPolicy } from './host-names.ts';
import type { WrongTokens } from './wrong-tokens.ts';

/** Who asks. */
export interface Peer {
  /** Without its port. */
  readonly address: string;
  readonly certificate: ClientCertificate | undefined;
}

/** How the front hands on who asks, to the thread that answers. It alone sets it: what a client sends under this name is dropped. */
export const PEER_HEADER = 'x-ledgerline-peer';

export const peerOf = ({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): Peer => {
  const connection = connectionOf(socket);
  if (connection !== undefined) return { address: connection.address, certificate: connection.certificate };
  const handedOn = headers[PEER_HEADER];
  // Sockets between threads have no address. What comes over them was written by the front, as this type.
  if (socket.remoteAddress === undefined && typeof handedOn === 'string') return JSON.parse(handedOn) as Peer;
  return { address: socket.remoteAddress ?? '', certificate: undefined };
};

export const peerHeader = (peer: Peer): string => headerText(peer);

/** How the front hands on what whoever scrapes may see. */
export const SCOPE_HEADER = 'x-ledgerline-scope';

export const scopeHeader = (scope: ReadScope): string => headerText(scope);

/** Only for sockets between threads: what comes over them was written by the front. */
export function handedScope({ headers }: Pick<IncomingMessage, 'headers'>): ReadScope {
  const handedOn = headers[SCOPE_HEADER];
  // Written by scopeHeader, as this type.
  return typeof handedOn === 'string' ? (JSON.parse(handedOn) as ReadScope) : 'all';
}

/** Names of certificates and teams may hold what a header may not. */
const headerText = (value: Peer | ReadScope): string =>
  JSON.stringify(value).replaceAll(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Throws as `authenticate` does. */
export const authenticateRequest = (authenticate: Authenticate, request: Pick<IncomingMessage, 'headers' | 'socket'>, role: Role): Credentials =>
  proved(authenticate, request, role, request.headers.cookie);

/** The same for ports that browsers have no business on: a sign-in counts for nothing. */
export const authenticateProgram = (authenticate: Authenticate, request: IncomingMessage, role: Role): Credentials =>
  proved(authenticate, request, role, undefined);

function proved(
  authenticate: Authenticate,
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  role: Role,
  cookies: string | undefined,
): Credentials {
  const credentials = authenticate(request.headers.authorization, role, peerOf(request).certificate, cookies);
  if (credentials.name !== undefined) connectionOf(request.socket)?.prove();
  return credentials;
}

export interface ReaderGateOptions {
  readonly hosts: HostPolicy;
  /** Must readers prove anything? */
  readonly isGuarded: () => boolean;
  readonly wrongTokens: WrongTokens;
  readonly refused: (refusal: Refusal, address: string) => void;
}

export interface ReaderGate {
  /** Throws `forbidden` for a request that was sent to another host. */
  assertHost(request: IncomingMessage): void;
  /** The error to answer with, after it was counted: for a wrong token it comes after a while. */
  answerTo(error: unknown, request: IncomingMessage): Promise<unknown>;
}

export function createReaderGate({ hosts, isGuarded, wrongTokens, refused }: ReaderGateOptions): ReaderGate {
  return {
    assertHost: (request) => {
      try {
        assertHost(request.headers.host, hosts, isGuarded());
      } catch (error) {
        refused({ kind: 'host_unknown', detail: request.headers.host ?? '', count: 1 }, peerOf(request).address);
        throw error;
      }
    },
    answerTo: async (error, request) => {
      const { authorization } = request.headers;
      const reason = reasonOf(error, authorization);
      // Other errors may come from a connection that is gone, and with it the address.
      if (reason === undefined) return error;
      const { address } = peerOf(request);
      refused({ ...reason, count: 1 }, address);
      return wrongTokens.answerTo(error, authorization, address);
    },
  };
}

function reasonOf(error: unknown, authorization: string | undefined): Pick<Refusal, 'kind' | 'detail'> | undefined {
  if (error instanceof UnknownCertificateError) return { kind: 'certificate_unknown', detail: error.subject };
  if (error instanceof RoleError) return { kind: 'reader_forbidden', detail: '' };
  if (!(error instanceof LedgerlineError) || error.code !== 'unauthenticated') return undefined;
  return { kind: presentedToken(authorization) === undefined ? 'reader_token_missing' : 'reader_token_unknown', detail: '' };
}
