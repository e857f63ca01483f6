/** Who may ask, and what a browser may do with the answer. */
import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { ROUTES } from '../catalog/names.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { whileWanted } from '../core/wanted.ts';
import type { Asker } from '../query/question.ts';
import type { Authenticator, Role } from '../server/auth.ts';
import { isLoopback } from '../server/loopback.ts';
import { authenticateRequest, type ReaderGate } from '../server/reader-gate.ts';

/** The page loads its own files and asks its own API. Nothing else, and nothing inline. */
export const headers = (): RequestHandler[] => [
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    // It would hold for every port of the host name, also for neighbors such as Prometheus that speak plain HTTP.
    strictTransportSecurity: false,
  }),
];

/** What a request began ends when whoever sent it has gone, or was cut off. */
export const whileConnected: RequestHandler = (_request, response, next) => {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new LedgerlineError('unavailable', 'Nobody waits for the answer any more.'));
  });
  whileWanted(gone.signal, next);
};

/**
 * Everything here reads, but for budgets: those can be set, raised and removed, and more can be asked for. What MCP is asked comes in a body, so it
 * is posted.
 */
export function onlyReading(request: Request, response: Response, next: NextFunction): void {
  const writes = writesAt(request.path);
  const allowed = request.path === ROUTES.mcp ? ['POST'] : ['GET', 'HEAD', ...writes];
  if (allowed.includes(request.method)) {
    next();
    return;
  }
  response.set('Allow', allowed.join(', '));
  throw new LedgerlineError('unsupported', `${request.method} is not supported${writes.length === 0 ? ': this API is read-only' : ' here'}.`, {
    hint: 'Send telemetry to the OTLP ports, 4317 and 4318 by default. Only budgets and requests for more accept changes.',
  });
}

function writesAt(path: string): readonly string[] {
  if (path.startsWith(`${ROUTES.budgets}/`)) return WRITES;
  if (path.startsWith(`${ROUTES.scim}/`)) return ['POST', 'PUT', 'PATCH', 'DELETE'];
  if (path.startsWith(`${ROUTES.myRequests}/`)) return ['DELETE'];
  if (path === ROUTES.repricings) return ['POST', 'DELETE'];
  const isPosted = [ROUTES.erasures, ROUTES.adjustments, ROUTES.closedMonths, ROUTES.merges, ROUTES.myRequests].some((route) => route === path);
  return isPosted || [ROUTES.budgetRequests, ROUTES.requestPages, ROUTES.morePages].some((route) => path.startsWith(`${route}/`)) ? ['POST'] : [];
}

const ROLES: readonly Role[] = ['ingest', 'read', 'admin'];
const WRITES: readonly string[] = ['PUT', 'POST', 'DELETE'];

/**
 * Who writes. With tokens or client certificates, one with the role admin. Without any, only this machine may, and no web page: a browser names the
 * page that asks in Origin, and asks first before it sends JSON or another method to somebody else's server.
 */
export function writerOf(
  request: Request,
  { server }: Pick<Config, 'server'>,
  authenticate: Authenticator | undefined,
  what = 'Changing budgets',
): string {
  if (authenticate?.hasRole('admin') === true) return authenticateRequest(authenticate, request, 'admin').name ?? 'admin';
  assertLocal(request, { server }, authenticate, what, 'with the role admin');
  return 'local';
}

/**
 * Who asks for more: with a token or a certificate, of any role. Without any, as of writerOf. A sign-in is not enough, since browsers send it along
 * whoever makes them ask.
 */
export function requesterOf(request: Request, { server }: Pick<Config, 'server'>, authenticate: Authenticator | undefined): Asker & { who: string } {
  const asker = askerOf(request, 'own', authenticate);
  const { name, signedInUntilMs } = asker.credentials;
  if (signedInUntilMs !== undefined) {
    throw new LedgerlineError('forbidden', 'A sign-in may read, and ask for nothing.', {
      hint: 'Use the command `ledgerline budget request` with a token of your own.',
    });
  }
  if (name === undefined) assertLocal(request, { server }, authenticate, 'Asking for more budget', 'of its own');
  return { ...asker, who: name ?? 'local' };
}

/** Without a token: throws `forbidden` unless nobody needs one, and no page of another host asks. */
function assertLocal(
  request: Request,
  { server }: Pick<Config, 'server'>,
  authenticate: Authenticator | undefined,
  what: string,
  token: string,
): void {
  const isClosed = ROLES.some((role) => authenticate?.isGuarded(role) === true);
  if (isClosed || !isLoopback(server.host)) {
    throw new LedgerlineError('forbidden', `${what} needs a token ${token}${token === 'of its own' ? '' : ', and auth.tokens has none'}.`, {
      hint: 'Make one with `ledgerline token new --role admin`, or run `ledgerline budget` on the machine of the collector.',
    });
  }
  const origin = foreignOrigin(request);
  if (origin !== undefined) {
    throw new LedgerlineError(
      'forbidden',
      `A page from ${origin.slice(0, 80)} may not change ${what === 'Changing budgets' ? 'budgets' : 'anything'}.`,
      {
        hint: 'Use the command `ledgerline budget`.',
      },
    );
  }
}

/** The page that a browser asks for, where it is not one of this very host, which was checked before. */
export function foreignOrigin(request: Pick<Request, 'get' | 'headers'>): string | undefined {
  const origin = request.get('origin');
  const { host } = request.headers;
  return origin === `http://${host}` || origin === `https://${host}` ? undefined : origin;
}

/**
 * Throws `unauthenticated` or `forbidden` for whoever may not ask. What a user has left may be asked with a token that only sends, too,
 * about its own user.
 */
export function askerOf(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  access: 'read' | 'own',
  authenticate: Authenticator | undefined,
): Asker {
  if (authenticate === undefined) return { credentials: {}, mayRead: true };
  try {
    return { credentials: authenticateRequest(authenticate, request, 'read'), mayRead: true };
  } catch (error) {
    if (access === 'read') throw error;
    const credentials = authenticateRequest(authenticate, request, 'ingest');
    if (credentials.name === undefined) throw error;
    return { credentials, mayRead: false };
  }
}

/** Of a token that only sends: nobody's. Answers about its own user do not come from the ledger of a scope. */
const NOTHING: ReadScope = [{ dimension: 'user', values: [] }];

export const scopeOf = ({ credentials, mayRead }: Asker): ReadScope => (mayRead ? (credentials.scope ?? 'all') : NOTHING);

export const neverCached: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

export const requireToken =
  (authenticate: Authenticator | undefined): RequestHandler =>
  (request, _response, next) => {
    if (authenticate !== undefined) authenticateRequest(authenticate, request, 'read');
    next();
  };

/** Stands before the handler of problems: those about tokens are counted, and wrong tokens answered slowly. */
export const slowWrongTokens =
  (gate: ReaderGate) =>
  (error: unknown, request: Request, _response: Response, next: NextFunction): void =>
    void gate.answerTo(error, request).then(next, next);
