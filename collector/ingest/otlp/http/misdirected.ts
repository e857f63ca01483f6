/** Why a request that is no export came here, by its head. */
import type { IncomingMessage } from 'node:http';
import type { Reason } from '../refused-error.ts';

type Head = Pick<IncomingMessage, 'url' | 'method' | 'headers'>;

const isGrpc = ({ headers }: Head): boolean => headers['content-type']?.toLowerCase().startsWith('application/grpc') === true;

/** Without the query, which may carry a token. */
export function reasonOfPath(request: Head): Reason {
  if (isGrpc(request)) return { kind: 'grpc_on_http_port', detail: '' };
  if (request.method !== 'POST') return reasonOfMethod(request);
  return { kind: 'wrong_path', detail: request.url?.split('?', 1)[0] ?? '' };
}

/** No exporter uses another method than POST; health checks and people do. */
export const reasonOfMethod = ({ method = '' }: Head): Reason => ({ kind: 'not_an_export', detail: method });

export function reasonOfType(request: Head): Reason {
  if (isGrpc(request)) return { kind: 'grpc_on_http_port', detail: '' };
  return { kind: 'wrong_content_type', detail: request.headers['content-type']?.split(';', 1)[0] ?? 'none' };
}
