/** Who may ask, and what a browser may do with the answer. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Authenticate } from '../server/auth.ts';
import { isLoopback, isLoopbackName } from '../server/loopback.ts';

/** Does reading need a token? An authenticator without tokens lets everyone in. */
export function isGuarded(authenticate: Authenticate | undefined): boolean {
  try {
    authenticate?.(undefined, 'read');
    return false;
  } catch {
    return true;
  }
}

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

/** Everything here reads, but for budgets: those can be set, raised and removed. */
export function onlyReading(request: Request, response: Response, next: NextFunction): void {
  const writes = request.path.startsWith(`${ROUTES.budgets}/`) ? WRITES : [];
  const allowed = ['GET', 'HEAD', ...writes];
  if (allowed.includes(request.method)) {
    next();
    return;
  }
  response.set('Allow', allowed.join(', '));
  throw new LedgerlineError('unsupported', `${request.method} is not supported${writes.length === 0 ? ': this API is read-only' : ' here'}.`, {
    hint: 'Send telemetry to the OTLP ports, 4317 and 4318 by default. Only /api/v1/budgets/ accepts changes.',
  });
}

const WRITES: readonly string[] = ['PUT', 'POST', 'DELETE'];

/**
 * Who writes. With tokens, one with the role admin. Without any, only this machine may, and no web page: a browser names the
 * page that asks in Origin, and asks first before it sends JSON or another method to somebody else's server.
 */
export function writerOf(request: Request, config: Config, authenticate: Authenticate | undefined): string {
  const { tokens } = config.auth;
  if (tokens.some(({ role }) => role === 'admin')) return authenticate?.(request.get('authorization'), 'admin').name ?? 'admin';
  if (tokens.length > 0 || !isLoopback(config.server.host)) {
    throw new LedgerlineError('forbidden', 'Changing budgets needs a token with the role admin, and auth.tokens has none.', {
      hint: 'Make one with `ledgerline token new --role admin`, or run `ledgerline budget` on the machine of the collector.',
    });
  }
  const origin = request.get('origin');
  if (origin !== undefined && origin !== `http://${request.headers.host}` && origin !== `https://${request.headers.host}`) {
    throw new LedgerlineError('forbidden', `A page from ${origin.slice(0, 80)} may not change budgets.`, {
      hint: 'Use the command `ledgerline budget`.',
    });
  }
  return 'local';
}

export const requireToken =
  (authenticate: Authenticate | undefined): RequestHandler =>
  async (request, _response, next) => {
    await authenticate?.(request.get('authorization'), 'read');
    next();
  };

/**
 * Bound to loopback and without tokens, the only thing between a hostile web page and the figures is the name it
 * asked for: a page that rebinds its own name to 127.0.0.1 still sends that name as Host.
 */
export const requireLocalName =
  (boundTo: string, isGuarded: boolean): RequestHandler =>
  (request, _response, next) => {
    if (isGuarded || !isLoopbackName(boundTo) || isLoopbackName(hostName(request.headers.host ?? ''))) return next();
    throw new LedgerlineError('forbidden', `Host ${(request.headers.host ?? '').slice(0, 80)} is not a name of this machine.`, {
      hint: 'Use http://localhost or http://127.0.0.1, or set server.host and auth.tokens in ledgerline.yaml to serve other machines.',
    });
  };

function hostName(header: string): string {
  return URL.parse(`http://${header}`)?.hostname ?? '';
}
