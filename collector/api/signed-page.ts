/** What pages behind signed links have in common: they work without a sign-in, and have a form that is posted from them alone. */
import type { Request, RequestHandler } from 'express';
import { linkBases } from '../catalog/alert-links.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';

export const withForm: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  // Its own form, and Origin with it: without a referrer of its own page a browser says "null".
  response.set('Referrer-Policy', 'same-origin');
  response.set('Content-Security-Policy', String(response.getHeader('Content-Security-Policy')).replace("form-action 'none'", "form-action 'self'"));
  next();
};

/** Who has the link may post it from anywhere, but no page may make somebody's browser do so who has it. */
export function refuseOtherPages(request: Pick<Request, 'get' | 'is' | 'headers'>, config: Config, what: 'The answer' | 'The request'): void {
  const [site, origin, { host }] = [request.get('sec-fetch-site'), request.get('origin'), request.headers];
  const own = [`http://${host}`, `https://${host}`, URL.parse(linkBases(config).publicUrl)?.origin];
  const isOwn = (site === undefined || site === 'same-origin' || site === 'none') && (origin === undefined || own.includes(origin));
  if (isOwn && request.is('application/x-www-form-urlencoded') !== false) return;
  throw new LedgerlineError('forbidden', `${what} has to be sent from this page.`, {
    hint: 'Open the link from the message, and send the form there.',
  });
}
