/** Errors to statuses, in one table. Every failure of the API is a problem as RFC 9457 has it, of the type application/problem+json. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';

interface Kind {
  readonly status: number;
  readonly title: string;
}

export const PROBLEMS: Readonly<Record<ErrorCode, Kind>> = {
  invalid: { status: 400, title: 'The request cannot be understood.' },
  unauthenticated: { status: 401, title: 'A token is needed.' },
  forbidden: { status: 403, title: 'This is not allowed.' },
  not_found: { status: 404, title: 'There is no such thing.' },
  too_large: { status: 413, title: 'The body is too large.' },
  rate_limited: { status: 429, title: 'Too many attempts.' },
  unsupported: { status: 405, title: 'The method is not supported.' },
  unavailable: { status: 503, title: 'No answer at present.' },
  internal: { status: 500, title: 'A fault of the collector.' },
};

const CODES = Object.keys(PROBLEMS);
export const PROBLEM_TYPE = 'application/problem+json';

export const problemSchema = z
  .object({
    type: z.string().describe('Where the kind of problem is explained.'),
    title: z.string().describe('The kind in words; the same for every problem of the type.'),
    status: z.number().int().describe('The same as of the response.'),
    detail: z.string().describe('What is wrong with this request.'),
    instance: z.string().describe('Path of the request.'),
    code: z.enum(CODES).describe('The kind, for programs.'),
    hint: z.string().describe('What to do about it; empty where there is nothing to say.'),
    parameter: z.string().exactOptional().describe('The parameter of the query string or the path that it is about.'),
    value: z.string().exactOptional().describe('What was given, cut after 80 characters: the whole, or the item of a list.'),
    nearest: z
      .string()
      .exactOptional()
      .describe('What was probably meant: in the place of the value, or of the name where there is no such parameter.'),
    error: z
      .object({ code: z.string(), message: z.string(), hint: z.string() })
      .describe('code, detail and hint as they were before; goes with the next release.')
      .meta({ deprecated: true }),
  })
  .meta({ id: 'Problem' });

const PATH_MAX = 500;

/** Below routers Express changes `url`. */
const pathOf = ({ url, originalUrl = url }: IncomingMessage & { readonly originalUrl?: string }): string =>
  (originalUrl ?? '').split('?', 1)[0]?.slice(0, PATH_MAX) ?? '';

export function problemOf({ code, message, hint, about }: LedgerlineError, instance: string): z.infer<typeof problemSchema> {
  const { status, title } = PROBLEMS[code];
  return {
    type: `${ROUTES.reference}#problem-${code}`,
    title,
    status,
    detail: message,
    instance,
    code,
    hint,
    ...about,
    error: { code, message, hint },
  };
}

/** Answers with the error; headers that are set already stay. */
export function sendProblem(response: ServerResponse, error: LedgerlineError): void {
  const { code } = error;
  const body = JSON.stringify(problemOf(error, pathOf(response.req)));
  response.statusCode = PROBLEMS[code].status;
  if (code === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer realm="ledgerline"');
  if (code === 'unavailable' || code === 'rate_limited') response.setHeader('Retry-After', '5');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', PROBLEM_TYPE);
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

/** The last route: nothing here. `routes` are those that there are, with names in braces. */
export const noSuchRoute =
  (routes: readonly string[]) =>
  (request: Request): never => {
    const nearest = nearestRoute(request.path, routes);
    throw new LedgerlineError('not_found', `There is nothing at ${request.path.slice(0, 200)}.`, {
      hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}${ROUTES.reference} lists everything that can be asked.`,
      nearest,
    });
  };

/** Names are taken from the path that was asked for. */
function nearestRoute(path: string, routes: readonly string[]): string | undefined {
  if (path.length > PATH_MAX) return undefined;
  const asked = path.split('/');
  const alike = routes.map((route) => route.split('/')).filter(({ length }) => length === asked.length);
  return suggest(
    path,
    alike.map((parts) => parts.map((part, index) => (part.startsWith('{') ? asked[index] : part)).join('/')),
  );
}
