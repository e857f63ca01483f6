/** A request for more budget in words, for whoever approves; and what became of it. Pure. */
import type { BudgetRequest, RequestDecision } from '../budgets/request.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { boardUrl } from '../catalog/alert-links.ts';
import { showValue } from '../catalog/values.ts';
import { type AlertMessage, budgetFacts, type Fact, type MessageContext, spentSentence } from './message.ts';
import { age, amountText, day, moment } from './text.ts';

export interface RequestContext extends MessageContext {
  /** Of the budget; undefined where it is no more. */
  readonly status: BudgetStatus | undefined;
}

/** `actions` come before the other links. */
export function askedMessage(request: BudgetRequest, context: RequestContext, actions: AlertMessage['links']): AlertMessage {
  const { status } = context;
  return {
    ...plainOf(request, context),
    title: `${userOf(request)} asks for ${moreOf(request)} more: budget ${request.key}`,
    summary: `${userOf(request)} writes: ${quoted(request.why)}${status === undefined ? '' : ` ${spentSentence(status)}`}`,
    facts: [...requestFacts(request, context), { label: 'By command', value: commandsOf(request) }],
    links: [...actions, ...plainOf(request, context).links],
  };
}

/** What there is to know before one answers; of an answered one, what has become of the budget. */
export function requestFacts(request: BudgetRequest, { status, timeZone }: Pick<RequestContext, 'status' | 'timeZone'>): Fact[] {
  const { id, amount, unit, untilMs, expiresMs, decision } = request;
  const zone = status?.timeZone ?? timeZone;
  const isOpen = decision === undefined;
  return [
    { label: 'Asks for', value: `${amountText(amount, unit)} more until the end of ${day(untilMs - 1, zone)}` },
    ...(status === undefined ? [] : budgetFacts(status)),
    ...(isOpen && status?.unit === unit ? [{ label: 'Amount with it', value: amountText(status.limit + amount, unit) }] : []),
    { label: 'Request', value: isOpen ? `${id}, open until ${moment(expiresMs, zone)}` : `${id}, of ${moment(request.atMs, zone)}` },
  ];
}

const commandsOf = ({ id }: BudgetRequest): string => `ledgerline budget approve ${id}, or ledgerline budget deny ${id} --why "…"`;

const TITLES: Readonly<Record<RequestDecision['what'], string>> = {
  approved: 'Approved',
  denied: 'Denied',
  withdrawn: 'Withdrawn',
  removed: 'Void',
};

/** For those who were asked, and for whoever asked. */
export function decidedMessage(request: BudgetRequest, decision: RequestDecision, context: RequestContext): AlertMessage {
  const { id, key, untilMs, why } = request;
  const zone = context.status?.timeZone ?? context.timeZone;
  return {
    ...plainOf(request, context),
    title: `${TITLES[decision.what]}: ${moreOf(request)} more for ${userOf(request)}, budget ${key}`,
    summary: decisionSentence(request, decision, zone),
    facts: [
      { label: 'Request', value: `${id}, of ${moment(request.atMs, zone)}` },
      { label: 'Asked for', value: `${moreOf(request)} until the end of ${day(untilMs - 1, zone)}` },
      { label: 'Because', value: why },
      { label: 'Answered by', value: `${decision.who}, ${moment(decision.atMs, zone)}` },
      ...(context.status === undefined ? [] : budgetFacts(context.status)),
    ],
  };
}

/** One sentence, also for the page behind a link. */
export function decisionSentence(request: BudgetRequest, { what, who, why, amount }: RequestDecision, timeZone: string): string {
  const { id, key, unit, untilMs } = request;
  switch (what) {
    case 'approved':
      return `${who} raised the budget ${key} by ${amountText(amount ?? request.amount, unit)} until the end of ${day(untilMs - 1, timeZone)}.`;
    case 'denied':
      return `${who} denied request ${id}${why === undefined ? '.' : `: ${quoted(why)}`}`;
    case 'withdrawn':
      return `${userOf(request)} has withdrawn request ${id}.`;
    case 'removed':
      return `${who} removed the budget ${key}, and request ${id} went with it.`;
  }
}

function plainOf(_: BudgetRequest, context: RequestContext) {
  const { status, links } = context;
  return {
    ...({ mood: 'request', contributors: [], contributorsTitle: '' } as const),
    used: status?.usedRatio,
    dataAge: age(context),
    links: [{ title: 'Open the board', url: boardUrl('budgets', '', links) }],
  };
}

const userOf = ({ user }: BudgetRequest): string => showValue('user', user);
const moreOf = ({ amount, unit }: BudgetRequest): string => amountText(amount, unit);

/** What somebody wrote, apart from what we say: it cannot end its quotation. */
const quoted = (words: string): string => `"${words.replaceAll('"', "'")}"${/[.!?…]$/.test(words) ? '' : '.'}`;
