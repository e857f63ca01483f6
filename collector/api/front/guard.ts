/** Who gets past the front: what is refused here costs the reader's thread nothing, and takes nobody's turn. */
import type { IncomingMessage } from 'node:http';
import { LedgerlineError } from '../../core/error.ts';
import type { Authenticator } from '../../server/auth.ts';
import { authenticateRequest, type ReaderGate } from '../../server/reader-gate.ts';

/** Rejects with the error to answer with. */
export type Guard = (request: IncomingMessage) => Promise<void>;

const API = /^\/(?:api|mcp)(?:\/|\?|$)/i;

/** Of REST and MCP, requests without a token that is known. What a known one may do, the reader's thread decides. */
export function createGuard(gate: ReaderGate, authenticate?: Authenticator): Guard {
  return async (request) => {
    gate.assertHost(request);
    if (authenticate === undefined || !API.test(request.url ?? '')) return;
    try {
      authenticateRequest(authenticate, request, 'read');
    } catch (error) {
      if (LedgerlineError.from(error).code === 'unauthenticated') throw await gate.answerTo(error, request);
    }
  };
}
