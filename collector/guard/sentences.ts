/**
 * What a developer reads when the guard warns or stops: why, until when, whom to ask and how, and how old the figure is. Never longer than
 * SENTENCE_MAX and on one line, whatever names it has in it.
 *
 * A warning says nothing that changes from one minute to the next: who has shown a text once does not show it again.
 */
import { amountText, capital, moment, rollingText, shareText, whoText } from '../alerts/text.ts';
import { isAskedFor } from '../budgets/scope.ts';
import type { BudgetStatus } from '../budgets/status.ts';
import { describeAge, MINUTE_MS } from '../core/duration.ts';
import { displayUsd, PICO_PER_USD } from '../core/money.ts';
import { visible } from '../core/visible.ts';
import type { Cause, Verdict } from './decide.ts';

export interface SentenceContext {
  readonly nowMs: number;
  /** When the ledger had last committed as the spend was read; undefined while it is empty. */
  readonly asOfMs: number | undefined;
  /** Of the ledger; a budget has its own. */
  readonly timeZone: string;
  /** Whom to ask; undefined: nobody is configured. */
  readonly contact: string | undefined;
  /** Where budgets are on the page, as readers have it; undefined: not known. */
  readonly budgetsUrl: string | undefined;
  /** Where more of a budget is asked for, if whoever reads may do so with a link. */
  readonly moreUrl?: (status: BudgetStatus) => string | undefined;
}

/** Below this, in UTF-16 units. */
export const SENTENCE_MAX = 600;
const NAME_MAX = 80;
const SCOPE_MAX = 120;
const URL_MAX = 160;
const KEY_MAX = 160;
const SOMEBODY = 'whoever manages your budgets';

/** Null where there is nothing to say. */
export function sentenceOf({ decision, causes }: Verdict, context: SentenceContext): string | null {
  if (decision === 'allow') return null;
  if (decision === 'stop') return clipped(fitting(causes[0], stopped, context, SENTENCE_MAX - 1), SENTENCE_MAX - 1);
  let text = '';
  for (const cause of causes) {
    const next = fitting(cause, warned, context, SENTENCE_MAX - text.length - 2);
    // What finds no room any more is the least urgent, and is said when what is before it is over.
    if (text.length + next.length + 1 < SENTENCE_MAX) text = text === '' ? next : `${text} ${next}`;
  }
  return text === '' ? clipped(visible(warned(causes[0], withoutLinks(context))), SENTENCE_MAX - 1) : text;
}

type Saying = (cause: Cause, context: SentenceContext) => string;

/** With a signed link where there is room for all of it, else with that of the page, or none: cut off, it leads nowhere. */
function fitting(cause: Cause, say: Saying, context: SentenceContext, most: number): string {
  const fits = [context, withoutMoreUrl(context)].map((links) => visible(say(cause, links))).find((text) => text.length <= most);
  return fits ?? visible(say(cause, withoutLinks(context)));
}

const withoutMoreUrl = ({ moreUrl: _, ...context }: SentenceContext): SentenceContext => context;
const withoutLinks = (context: SentenceContext): SentenceContext => ({ ...withoutMoreUrl(context), budgetsUrl: undefined });

function stopped(cause: Cause, context: SentenceContext): string {
  switch (cause.kind) {
    case 'budget':
      return `${used(cause.status)}${aged(context)} Work may go on ${again(cause.status)}. To go on sooner, ${ways(cause.status, context)}`;
    case 'threshold':
      return warned(cause, context);
    case 'runaway':
      return `${ranAway(cause)}${aged(context)} Look at what it does: it may go on from ${moment(context.nowMs + cause.minutes * MINUTE_MS, cause.status.timeZone)}, if it rests until then. To go on sooner, ${ways(cause.status, context)}`;
    case 'session_cost':
      return `This session cost ${displayUsd(cause.cost)}, and a session is stopped at ${displayUsd(cause.limit)}.${aged(context)} Begin another one with /clear, or ask ${asked(context)} to raise the limit of a session (guard.session.stop_usd).`;
    case 'cold_cache':
      return `${rebuilds(cause)}; from ${displayUsd(cause.limit)} on, that is blocked. Begin another session with /clear and change the model there, or ask ${asked(context)} to raise the limit (guard.cold_cache_stop_usd).`;
  }
}

function warned(cause: Cause, context: SentenceContext): string {
  switch (cause.kind) {
    case 'threshold': {
      const { status, at } = cause;
      return `${shareText(at)} of ${named(status)} is spent. It has ${amountText(status.limit, status.unit)} ${within(status)}; at 100 % work stops. To get more in time, ${ways(status, context)}`;
    }
    case 'session_cost':
      return `This session has cost ${displayUsd(cause.limit)} or more. For another task, begin another one with /clear.`;
    case 'cold_cache':
      return `${rebuilds(cause)}. For another task, begin another session with /clear instead.`;
    case 'budget':
    case 'runaway':
      return stopped(cause, context);
  }
}

function ranAway({ status, recent, minutes }: Extract<Cause, { kind: 'runaway' }>): string {
  const left = status.remaining > 0n ? status.remaining : 0n;
  const soon = (left * BigInt(minutes)) / recent;
  return `This session spent ${displayUsd(recent)} in the last ${minutes} min, and ${displayUsd(left)} is left of ${named(status)} ${within(status)}: at this pace nothing is left in ${soon > 1n ? soon : 1n} min.`;
}

const rebuilds = ({ event, estimate }: Extract<Cause, { kind: 'cold_cache' }>): string =>
  `${event === 'PreModelSwitch' ? 'Changing the model' : 'Resuming'} rebuilds the cache: about ${displayUsd(estimate)}`;

function used(status: BudgetStatus): string {
  const { spent, limit, unit } = status;
  const amounts = `${unit === 'usd' ? displayUsd(spent) : spent.toLocaleString('en')} of ${amountText(limit, unit)}`;
  return `${capital(named(status))} is used up: ${amounts} spent.`;
}

const end = ({ periodEndMs, timeZone }: BudgetStatus): string => moment(periodEndMs, timeZone);

/** A rolling period does not end: at midnight one day falls out of it, which may not be enough. */
function again(status: BudgetStatus): string {
  const rolling = rollingText(status);
  return rolling === undefined ? `from ${end(status)}` : `as older days fall out of ${rolling}, at the earliest from ${end(status)}`;
}

function within(status: BudgetStatus): string {
  const rolling = rollingText(status);
  return rolling === undefined ? `until ${end(status)}` : `for ${rolling}`;
}

/** `the budget "each" of user ada@example.com`. */
function named({ name, scope }: BudgetStatus): string {
  return `the budget "${clipped(name, NAME_MAX)}" of ${clipped(visible(whoText(scope)), SCOPE_MAX)}`;
}

const aged = ({ asOfMs, nowMs, timeZone }: SentenceContext): string =>
  asOfMs === undefined ? '' : ` The figure is from ${moment(asOfMs, timeZone)}, ${describeAge(nowMs - asOfMs)} ago.`;

const asked = ({ contact = SOMEBODY }: SentenceContext): string => visible(contact);

function ways(status: BudgetStatus, context: SentenceContext): string {
  const page = [context.moreUrl?.(status), context.budgetsUrl].find((url) => url !== undefined && url.length <= URL_MAX);
  const command = requestCommand(status);
  return `ask ${asked(context)}${command === undefined ? '' : `, or run: ${command}`}.${page === undefined ? '' : ` ${page}`}`;
}

/** It names the budget: others may bind the user, and the only one that does may be another. Undefined where nobody may ask for this one. */
function requestCommand(status: BudgetStatus): string | undefined {
  const key = isAskedFor(status.where) ? shellWord(status.key) : undefined;
  return key && `ledgerline budget request ${key} --by ${suggested(status)} --why "…"`;
}

/** Undefined for what cannot be copied from a sentence. A key begins with the name of a budget, so never with a dash. */
function shellWord(key: string): string | undefined {
  if (key.length > KEY_MAX) return undefined;
  if (/^[\w./@:+-]+$/.test(key)) return key;
  return key.includes("'") || visible(key) !== key ? undefined : `'${key}'`;
}

/** A quarter of the amount, in whole dollars. Of tokens whoever asks has to say how many. */
export function suggested({ unit, base }: Pick<BudgetStatus, 'unit' | 'base'>): string {
  if (unit !== 'usd') return '…';
  const quarter = base / 4n;
  const dollars = (quarter + PICO_PER_USD - 1n) / PICO_PER_USD;
  return String(dollars > 1n ? dollars : 1n);
}

/** In the middle of no character. */
const clipped = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
