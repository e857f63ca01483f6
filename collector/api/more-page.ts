/**
 * The page behind the link in a sentence of the guard: it asks for more of one budget in the name of one user, without a sign-in, exactly as
 * `POST /api/v1/me/budget/requests` does with the user's token. Looking at it changes nothing.
 */
import { type RequestHandler, type Response, Router } from 'express';
import { decisionSentence } from '../alerts/request-message.ts';
import { age, amountText, day, moment, rollingText, whoText } from '../alerts/text.ts';
import type { BudgetJournal, BudgetWriter } from '../budgets/journal.ts';
import { type BudgetRequest, stateOf } from '../budgets/request.ts';
import { requestMore } from '../budgets/request-change.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { ROUTES } from '../catalog/names.ts';
import { showValue } from '../catalog/values.ts';
import { ledgerCalendar } from '../config/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { type MoreLink, readMoreLink } from '../guard/more-link.ts';
import { suggested } from '../guard/sentences.ts';
import { type DirectoryAtHand, directoryAtHand } from '../query/asked-user.ts';
import { type Binding, budgetsBinding } from '../query/my-budget.ts';
import type { Asking } from '../query/question.ts';
import { readBody } from './json-body.ts';
import { PROBLEMS } from './problem.ts';
import { askForm, factList, paragraph, requestPage } from './request-page-html.ts';
import { refuseOtherPages, withForm } from './signed-page.ts';

type MorePageOptions = Omit<Asking, 'scope' | 'asker'> & DirectoryAtHand & { readonly budgets: BudgetWriter };

/** In the audit: the token that was asked with is not in the link. */
const WHO = 'link:guard';
const BY_COMMAND = 'Ask with the command: ledgerline budget request --by … --why "…".';

export function morePages(options: MorePageOptions): Router {
  const router = Router();
  const { requestKey: key, now } = options;
  if (key === undefined) return router;
  const path = `${ROUTES.morePages}/:link`;
  router.use(ROUTES.morePages, withForm);
  router.get(path, (async (request, response) => {
    const link = linkOr(request.params.link, key, now(), response);
    if (link !== undefined) await show(link, options, response);
  }) as RequestHandler<{ link: string }>);
  router.post(path, (async (request, response) => {
    const link = linkOr(request.params.link, key, now(), response);
    if (link === undefined) return;
    let fields = new URLSearchParams();
    try {
      refuseOtherPages(request, options.config, 'The request');
      fields = new URLSearchParams(await readBody(request));
      await ask(link, fields, options);
      // To the same page, which now says what happens next: loading it again sends nothing again.
      response.redirect(303, request.originalUrl);
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      if (error.code === 'internal') throw thrown;
      await show(link, options, response, { error, fields });
    }
  }) as RequestHandler<{ link: string }>);
  return router;
}

/** Undefined where it was answered that the link leads nowhere. */
function linkOr(text: string, key: Uint8Array, nowMs: number, response: Response): MoreLink | undefined {
  const link = readMoreLink(text, key);
  if (link !== undefined && nowMs < link.untilMs) return link;
  const [status, title, words] =
    link === undefined
      ? [404, 'No such link', 'This link was not made by this collector, or was cut off.']
      : [410, 'This link has expired', 'Links of the guard end with the period of the budget, and within a day: its next message has a new one.'];
  response
    .status(status)
    .type('html')
    .send(requestPage(title, paragraph(`${words} ${BY_COMMAND}`)));
  return undefined;
}

/** As of the user's own token. */
function bindingOf({ user }: MoreLink, options: MorePageOptions): Promise<Binding> {
  const placed = directoryAtHand(options).person(user, options.now());
  const asked = { user, team: placed?.team, isNamed: true, isOwn: true, mayHearNames: false };
  return budgetsBinding(asked, { ...options, scope: 'all', asker: { credentials: {}, mayRead: false } });
}

async function ask(link: MoreLink, fields: URLSearchParams, options: MorePageOptions): Promise<void> {
  const { budgets: journal, config, now } = options;
  const { person, statuses } = await bindingOf(link, options);
  await requestMore(
    { budget: link.key, by: fields.get('by') ?? undefined, until: undefined, why: fields.get('why') ?? undefined },
    person.user,
    statuses,
    {
      ...{ journal, configured: config.budgets, calendar: ledgerCalendar(config), limits: config.budget_requests },
      change: { who: WHO, atMs: now() },
    },
  );
}

interface Refused {
  readonly error: LedgerlineError;
  readonly fields: URLSearchParams;
}

async function show(link: MoreLink, options: MorePageOptions, response: Response, refused?: Refused): Promise<void> {
  const { budgets: journal, config, now } = options;
  const nowMs = now();
  const { statuses, asOfMs } = await bindingOf(link, options);
  const status = statuses.find(({ key }) => key === link.key);
  const notice = refused === undefined ? '' : paragraph(`${refused.error.message} ${refused.error.hint}`, 'notice');
  const user = showValue('user', link.user);
  response.status(refused === undefined ? (status === undefined ? 404 : 200) : PROBLEMS[refused.error.code].status).type('html');
  if (status === undefined) {
    const words = `The budget ${link.key} does not bind ${user} any more, or is no more. What does: ledgerline budget.`;
    response.send(requestPage('No such budget', notice + paragraph(words)));
    return;
  }
  const last = await lastOf(link, journal, nowMs);
  const form = last === undefined || isUsedUpAgain(last, status) ? formOf(status, refused?.fields) : '';
  const dataAge = paragraph(age({ nowMs, asOfMs, timeZone: config.timezone }), 'soft');
  const main = notice + factList(factsOf(status, user)) + (last === undefined ? '' : requestWords(last, status)) + form + dataAge;
  response.send(requestPage(`More of the budget ${status.key}`, main));
}

/** Open, or answered since the link can have been made. Of one that was withdrawn or expired there is nothing to say. */
async function lastOf({ key, user, untilMs }: MoreLink, journal: BudgetJournal, nowMs: number): Promise<BudgetRequest | undefined> {
  const own = (await journal.requests({ user, limit: REQUESTS_READ })).filter((request) => request.key === key);
  const open = own.find((request) => stateOf(request, nowMs) === 'open');
  if (open !== undefined) return open;
  return own.find(({ decision }) => decision !== undefined && ANSWERS.includes(decision.what) && decision.atMs >= untilMs - DAY_MS);
}

const REQUESTS_READ = 1_000;
const ANSWERS: readonly string[] = ['approved', 'denied'];

const isUsedUpAgain = ({ decision }: BudgetRequest, { spent, limit }: BudgetStatus): boolean => decision?.what === 'approved' && spent >= limit;

function requestWords(request: BudgetRequest, { timeZone }: BudgetStatus): string {
  const { id, amount, unit, untilMs, expiresMs, why, decision } = request;
  if (decision !== undefined) return paragraph(`${decisionSentence(request, decision, timeZone)} ${moment(decision.atMs, timeZone)}.`, 'notice');
  const asked = `Request ${id} asks for ${amountText(amount, unit)} more until the end of ${day(untilMs - 1, timeZone)}: "${why.replaceAll('"', "'")}"`;
  const next = `It waits for an approver until ${moment(expiresMs, timeZone)}. Once it is approved, work may go on; this page says what became of it. To take it back: ledgerline budget withdraw ${id}`;
  return paragraph(asked, 'notice') + paragraph(next);
}

const formOf = (status: BudgetStatus, fields: URLSearchParams | undefined): string => {
  const usual = status.unit === 'usd' ? suggested(status) : '';
  return (
    askForm(status.unit === 'usd' ? 'USD' : 'tokens', fields?.get('by') ?? usual, fields?.get('why') ?? '') +
    paragraph(
      'An approver is asked, and nothing changes until one has approved it. The audit has the request under the name of the user, from "link:guard".',
    )
  );
};

function factsOf(status: BudgetStatus, user: string) {
  const { scope, spent, limit, unit, periodEndMs, timeZone, key } = status;
  const rolling = rollingText(status);
  return [
    { label: 'For', value: user },
    { label: 'Budget', value: `${key}, of ${whoText(scope)}` },
    { label: 'Spent', value: amountText(spent, unit) },
    { label: 'Limit', value: amountText(limit, unit) },
    rolling === undefined ? { label: 'Until', value: moment(periodEndMs, timeZone) } : { label: 'Within', value: rolling },
  ];
}
