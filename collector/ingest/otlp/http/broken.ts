/** What a connection was that never became an HTTP request: told from Node's error and the first bytes. */
import type { RefusalKind } from '../../../catalog/refusals.ts';
import { openingOf } from '../opening.ts';
import type { Reason } from '../refused-error.ts';
import { KIND_OF_OUTCOME, type Outcome } from '../status.ts';

/** As node:http emits it: with the bytes that could not be parsed. */
export interface ClientError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

const KIND_OF_OPENING = { tls: 'tls_on_plain_port', http2: 'grpc_on_http_port', http1: 'not_otlp', other: 'not_otlp' } as const;

const TLS_ERRORS: Readonly<Record<string, Reason>> = {
  ERR_SSL_HTTP_REQUEST: { kind: 'plain_on_tls_port', detail: 'HTTP' },
  ERR_SSL_WRONG_VERSION_NUMBER: { kind: 'plain_on_tls_port', detail: '' },
  ERR_SSL_NO_APPLICATION_PROTOCOL: { kind: 'grpc_on_http_port', detail: '' },
};

/** Undefined for a connection that only went away. */
export function reasonOfBroken(error: ClientError, outcome: Outcome): Reason | undefined {
  const { code = '' } = error;
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return TLS_ERRORS[code] ?? { kind: 'tls_failed', detail: code };
  if (outcome !== 'malformed') return kindOnly(KIND_OF_OUTCOME[outcome], outcome);
  return { kind: KIND_OF_OPENING[openingOf(error.rawPacket ?? Buffer.alloc(0))], detail: '' };
}

function kindOnly(kind: RefusalKind | undefined, outcome: Outcome): Reason | undefined {
  if (kind === undefined) return undefined;
  return { kind, detail: outcome === 'too_large' ? 'the size of headers' : '' };
}
