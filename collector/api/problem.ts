/** Errors to statuses, in one table. Every failure of the API is JSON: {"error": {"code", "message", "hint"}}. */
import type { ServerResponse } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import type { Log } from '../catalog/log-codes.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';

export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  too_large: 413,
  rate_limited: 429,
  unsupported: 405,
  unavailable: 503,
  internal: 500,
};

/** Answers with the error; headers that are set already stay. */
export function sendProblem(response: ServerResponse, { code, message, hint }: LedgerlineError): void {
  const body = JSON.stringify({ error: { code, message, hint } });
  response.statusCode = STATUS_OF[code];
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer realm="ledgerline"');
  if (code === 'unavailable' || code === 'rate_limited') response.setHeader('Retry-After', '5');
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

/** Express calls this for everything that a handler throws; what is not ours becomes `internal`, its text goes to the log only. */
export const problemHandler =
  (log: Log) =>
  (thrown: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    // Who has gone reads no answer, and what was stopped for it is no failure.
    if (response.closed) return;
    const error = isBadUrl(thrown) ? badUrl : LedgerlineError.from(thrown);
    if (error.code === 'internal' || error.code === 'unavailable') log('request_failed', error.message, { error, fields: { path: request.path } });
    sendProblem(response, error);
  };

/** The router throws a URIError with status 400 for a path such as /%E0%A4%A. */
const isBadUrl = (thrown: unknown): boolean => thrown instanceof URIError;
const badUrl = new LedgerlineError('invalid', 'The path is not valid percent-encoded UTF-8.', {
  hint: 'Encode the session id with encodeURIComponent.',
});

/** The last route: nothing here. */
export function noSuchRoute(request: Request): never {
  throw new LedgerlineError('not_found', `There is nothing at ${request.path.slice(0, 200)}.`, {
    hint: 'See /api/v1/catalogue, /api/v1/spend, /api/v1/sessions, /api/v1/status and /api/v1/boards.',
  });
}
