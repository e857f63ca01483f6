/** Who may ask, and what a browser may do with the answer. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import { LedgerlineError } from '../error.ts';

/** Throws LedgerlineError `unauthenticated` or `forbidden`; anything it returns is welcome. */
export type Authenticate = (authorization: string | undefined, role: 'read') => unknown;

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
    // It would hold for every port of the host name, also for neighbours such as Prometheus that speak plain HTTP.
    strictTransportSecurity: false,
  }),
];

export function onlyReading(request: Request, response: Response, next: NextFunction): void {
  if (request.method === 'GET' || request.method === 'HEAD') {
    next();
    return;
  }
  response.set('Allow', 'GET, HEAD');
  throw new LedgerlineError('unsupported', `${request.method} is not supported: this port only reads.`, {
    hint: 'Telemetry goes to the OTLP ports, 4317 and 4318 unless configured otherwise.',
  });
}

export const requireToken =
  (authenticate: Authenticate | undefined): RequestHandler =>
  async (request, _response, next) => {
    await authenticate?.(request.get('authorization'), 'read');
    next();
  };

const LOOPBACK = /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\]|::1)$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Bound to loopback and without tokens, the only thing between a hostile web page and the figures is the name it
 * asked for: a page that rebinds its own name to 127.0.0.1 still sends that name as Host.
 */
export const requireLocalName =
  (boundTo: string, isGuarded: boolean): RequestHandler =>
  (request, _response, next) => {
    if (isGuarded || !isLoopback(boundTo) || isLoopback(hostName(request.headers.host ?? ''))) return next();
    throw new LedgerlineError('forbidden', `Host ${(request.headers.host ?? '').slice(0, 80)} is not a name of this machine.`, {
      hint: 'Ask by http://localhost or http://127.0.0.1, or set server.host and auth.tokens in ledgerline.yaml to serve other machines.',
    });
  };

function hostName(header: string): string {
  return URL.parse(`http://${header}`)?.hostname ?? '';
}
