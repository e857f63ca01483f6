/**
 * The page behind a signed link to a request for more budget. It works without a sign-in: who has the link may give this one answer to this one
 * request, once. Looking at it changes nothing, since programs that scan mail open every link; the answer is posted from it.
 */
import { type RequestHandler, type Response, Router } from 'express';
import { type RequestLink, readRequestLink, whoOfLink } from '../alerts/request-link.ts';
import { decisionSentence, requestFacts } from '../alerts/request-message.ts';
import { age, amountText, moment } from '../alerts/text.ts';
import type { ChangeContext } from '../budgets/change.ts';
import type { BudgetWriter } from '../budgets/journal.ts';
import type { BudgetRequest } from '../budgets/request.ts';
import { approveRequest, denyRequest } from '../budgets/request-change.ts';
import { statusOf } from '../budgets/request-status.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { ROUTES } from '../catalog/names.ts';
import { showValue } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Asking } from '../query/question.ts';
import { readBody } from './json-body.ts';
import { PROBLEMS } from './problem.ts';
import { factList, formOf, paragraph, requestPage } from './request-page-html.ts';
import { refuseOtherPages, withForm } from './signed-page.ts';

export interface RequestPageOptions extends Pick<Asking, 'reader' | 'config' | 'now'> {
  readonly budgets: BudgetWriter;
  /** Signs links. Omitted: there are none. */
  readonly requestKey?: Uint8Array | undefined;
}

export function requestPages(options: RequestPageOptions): Router {
  const router = Router();
  const { requestKey: key, now } = options;
  if (key === undefined) return router;
  const path = `${ROUTES.requestPages}/:link`;
  router.use(ROUTES.requestPages, withForm);
  const found = async (text: string): Promise<Known | undefined> => {
    const link = readRequestLink(text, key);
    const request = link === undefined ? undefined : await options.budgets.findRequest(link.request);
    return link === undefined || request === undefined ? undefined : { link, request };
  };
  router.get(path, (async (request, response) => {
    const known = await found(request.params.link);
    if (known === undefined) return sendUnknown(response);
    const { main, title } = await bodyOf(known.request, known.link, options);
    response.type('html').send(requestPage(title, main));
  }) as RequestHandler<{ link: string }>);
  router.post(path, (async (request, response) => {
    const known = await found(request.params.link);
    if (known === undefined) return sendUnknown(response);
    try {
      refuseOtherPages(request, options.config, 'The answer');
      if (now() >= known.link.untilMs) throw new LedgerlineError('invalid', 'This link has expired.', { hint: 'Let it be asked for again.' });
      const fields = new URLSearchParams(await readBody(request));
      await answer(known.link, fields, { ...changing(options), change: { who: whoOfLink(known.link), atMs: now() } });
      // To the same page, which now says what became of it: loading it again sends nothing again.
      response.redirect(303, request.originalUrl);
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      if (error.code === 'internal') throw thrown;
      const { main, title } = await bodyOf(known.request, known.link, options);
      response
        .status(PROBLEMS[error.code].status)
        .type('html')
        .send(requestPage(title, paragraph(`${error.message} ${error.hint}`, 'notice') + main));
    }
  }) as RequestHandler<{ link: string }>);
  return router;
}

/** What a link leads to. */
interface Known {
  readonly link: RequestLink;
  readonly request: BudgetRequest;
}

const changing = ({ budgets: journal, config }: RequestPageOptions): Omit<ChangeContext, 'change'> => ({
  ...{ journal, configured: config.budgets, calendar: ledgerCalendar(config) },
});

async function answer({ request, answer: what }: RequestLink, fields: URLSearchParams, context: ChangeContext): Promise<void> {
  if (what === 'approve') await approveRequest(request, undefined, context);
  else await denyRequest(request, fields.get('why') ?? undefined, context);
}

function sendUnknown(response: Response): void {
  const words = 'This link was not made by this collector, was cut off, or its request is no more. Ask for the list: ledgerline budget requests.';
  response
    .status(404)
    .type('html')
    .send(requestPage('No such request', paragraph(words)));
}

/** The request as it is now, with the form while it is open. */
async function bodyOf(
  { id }: BudgetRequest,
  link: RequestLink,
  options: RequestPageOptions,
): Promise<{ readonly title: string; readonly main: string }> {
  const { budgets: journal, config, reader, now } = options;
  const request = await journal.findRequest(id);
  if (request === undefined) throw new LedgerlineError('not_found', `There is no request ${id}.`);
  const nowMs = now();
  const calendar = ledgerCalendar(config);
  const { status, asOfMs } = await reader.snapshot(async (ledger) => ({
    asOfMs: (await ledger.status()).asOfMs,
    // A link that is over says no more than what became of the request: whoever finds it must not read what is spent.
    status:
      nowMs >= endOf(request, link)
        ? undefined
        : await statusOf(request.key, await journal.budgets(config.budgets), { reader: ledger, calendar, nowMs, withForecast: true }),
  }));
  const { timeZone } = calendar;
  const user = showValue('user', request.user);
  const facts = [{ label: 'Why', value: request.why }, ...requestFacts(request, { status, timeZone })];
  return {
    title: `${user} asks for ${amountText(request.amount, request.unit)} more of ${request.key}`,
    main: factList(facts) + stateWords(request, link, status, nowMs, timeZone) + paragraph(age({ nowMs, asOfMs, timeZone }), 'soft'),
  };
}

const endOf = ({ expiresMs }: BudgetRequest, { untilMs }: RequestLink): number => Math.min(expiresMs, untilMs);

function stateWords(request: BudgetRequest, link: RequestLink, status: BudgetStatus | undefined, nowMs: number, timeZone: string): string {
  const zone = status?.timeZone ?? timeZone;
  const { decision } = request;
  const expiresMs = endOf(request, link);
  if (decision !== undefined) return paragraph(`${decisionSentence(request, decision, zone)} ${moment(decision.atMs, zone)}.`, 'notice');
  if (nowMs >= expiresMs) return paragraph(`This request expired on ${moment(expiresMs, zone)}. Nothing was changed.`, 'notice');
  return formOf(link, whoOfLink(link));
}
