/**
 * An alert in words: who, which period, spent and limit, percent, forecast and date, the largest contributors with their change, how old
 * the data is, and where to look. Plain parts that every channel renders in its own way (notify/). Pure.
 */

import { GUARDED_TEXT, unguarded } from '../budgets/hard-limit.ts';
import type { BudgetStatus, Contributor, Severity, ThresholdStatus } from '../budgets/status.ts';
import { boardOf, boardUrl, type LinkBases, runbookUrl } from '../catalog/alert-links.ts';
import { shownSessionId } from '../catalog/session-ids.ts';
import { showValue } from '../catalog/values.ts';
import { displayUsd } from '../core/money.ts';
import type { Alert, CostlySession, ShareTooHigh } from './alert.ts';
import { scopeText } from './alert.ts';
import type { Anomaly } from './anomalies/anomaly.ts';
import { BUSIEST_OF_MINUTES, type RateLimitUse } from './rate-limits.ts';
import { age, amountText, capital, day, moment, percent, periodText, rollingText, shareText, whoText } from './text.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A row of "who spent most": all as people read it. */
export interface ContributorLine {
  readonly name: string;
  readonly amount: string;
  readonly share: string;
  /** Against the same part of the period before, such as "+42 %" or "new". */
  readonly change: string;
}

export interface AlertMessage {
  /** request: somebody asks for more budget, or was answered. */
  readonly mood: Severity | 'resolved' | 'digest' | 'request';
  /** One line, the subject of a mail. */
  readonly title: string;
  /** What happened, in a sentence or two. */
  readonly summary: string;
  readonly facts: readonly Fact[];
  /** Used share of the amount, 1 is all of it; undefined where there is no amount. */
  readonly used: number | undefined;
  readonly contributors: readonly ContributorLine[];
  /** Heading of the contributors. */
  readonly contributorsTitle: string;
  /** How old the figures are. */
  readonly dataAge: string;
  readonly links: readonly { readonly title: string; readonly url: string }[];
}

export interface MessageContext {
  readonly nowMs: number;
  /** Zone of the ledger. */
  readonly timeZone: string;
  /** When the ledger last committed. */
  readonly asOfMs: number | undefined;
  readonly links: LinkBases;
}

/** The budget whose largest contributors the message can name; undefined for what is about something else. */
export function budgetOf({ subject }: Alert): BudgetStatus | undefined {
  return subject.kind === 'threshold' || subject.kind === 'stopped' ? subject.status : undefined;
}

/** `largest`: the largest contributors to the alert's budget, see budgetOf. */
export function messageOf(alert: Alert, context: MessageContext, largest: readonly Contributor[] = []): AlertMessage {
  const { subject, severity } = alert;
  const links = linksOf(alert, context);
  const dataAge = age(context);
  const plain = { mood: severity, used: undefined, contributors: [], contributorsTitle: '', dataAge, links } as const;
  if (subject.kind === 'anomaly') return { ...plain, ...anomalyWords(subject.anomaly, context) };
  if (subject.kind === 'share') return { ...plain, ...shareWords(subject.share) };
  if (subject.kind === 'rate') return { ...plain, ...rateWords(subject.use, context), used: subject.use.ratio };
  if (subject.kind === 'refused') return { ...plain, ...refusedWords(subject.requests) };
  const { status } = subject;
  if (subject.kind === 'session') return { ...plain, ...sessionWords(status, subject.session) };
  const words = subject.kind === 'stopped' ? stoppedWords(status) : thresholdWords(status, subject.threshold);
  return {
    ...plain,
    ...words,
    used: status.usedRatio,
    contributors: largest.map((contributor) => contributorLine(contributor, status)),
    contributorsTitle: 'Largest contributors, and the change vs the same part of the previous period',
  };
}

/** The same alert, resolved. */
export function resolvedMessage(
  notified: AlertMessage,
  record: { readonly firedMs: number },
  reason: string,
  context: Omit<MessageContext, 'links'>,
): AlertMessage {
  const { nowMs, timeZone } = context;
  return {
    ...notified,
    mood: 'resolved',
    title: `Resolved: ${notified.title}`,
    summary: `${reason} The alert fired on ${moment(record.firedMs, timeZone)}: ${notified.summary}`,
    facts: [{ label: 'Resolved at', value: moment(nowMs, timeZone) }],
    used: undefined,
    contributors: [],
    // As old as the figures were when it fired they are no more.
    dataAge: age(context),
  };
}

type Words = Pick<AlertMessage, 'title' | 'summary' | 'facts'>;

function thresholdWords(status: BudgetStatus, { at, on }: ThresholdStatus): Words {
  const title = `Budget ${status.key}`;
  const facts = [...budgetFacts(status), { label: 'Threshold', value: `${shareText(at)} of budget ${on === 'actual' ? 'spent' : 'forecast'}` }];
  if (on === 'actual') {
    const isUsedUp = status.spent >= status.limit;
    return {
      title: isUsedUp ? `${title} is used up: ${percent(status)}` : `${title}: ${percent(status)} used`,
      summary: spentSentence(status),
      facts,
    };
  }
  const { forecast } = status;
  const expected = forecast.kind === 'band' ? amountText(forecast.p50, status.unit) : 'more than that';
  const when =
    forecast.kind === 'band' && forecast.breachMs !== undefined
      ? ` The budget is expected to run out on ${day(forecast.breachMs, status.timeZone)}.`
      : '';
  return {
    title: at >= 1 ? `${title} is forecast to run out` : `${title}: forecast beyond ${shareText(at)}`,
    summary: `${spentSentence(status)} The forecast for the end of the period is ${expected}.${when}`,
    facts,
  };
}

function stoppedWords(status: BudgetStatus): Words {
  return {
    title: `Budget ${status.key} is stopped: ${percent(status)}`,
    summary: spentSentence(status),
    // Not in the summary, which a resolved message quotes.
    facts: [{ label: 'Hard limit', value: refused(status) }, ...budgetFacts(status)],
  };
}

function refused(status: BudgetStatus): string {
  const beyond = unguarded(status.where.map(({ dimension }) => dimension));
  if (beyond.length > 0) return `No work is refused: the guard goes by ${GUARDED_TEXT}, and not by ${beyond.join(' and ')}.`;
  const rolling = rollingText(status);
  const end = rolling === undefined ? 'the period ends' : `older days fall out of ${rolling}`;
  return `Where the guard runs, work in this scope is refused until the budget is raised or ${end}.`;
}

export const spentSentence = (status: BudgetStatus): string =>
  `${capital(whoText(status.scope))} has spent ${amountText(status.spent, status.unit)} of ${amountText(status.limit, status.unit)} (${percent(status)}) in ${periodText(status)}.`;

export function budgetFacts(status: BudgetStatus): Fact[] {
  const { unit, forecast, timeZone } = status;
  const amount = (value: bigint): string => amountText(value, unit);
  const parts = [
    ...(status.rolledOver !== 0n ? [`${amount(status.rolledOver)} rolled over from the previous period`] : []),
    ...(status.raised !== 0n ? [`${amount(status.raised)} from raises`] : []),
  ];
  return [
    { label: 'Scope', value: whoText(status.scope) },
    { label: 'Period', value: periodText(status) },
    { label: 'Spent', value: `${amount(status.spent)} (${percent(status)})` },
    { label: 'Budget amount', value: amount(status.limit) + (parts.length === 0 ? '' : `, of which ${parts.join(' and ')}`) },
    status.remaining < 0n ? { label: 'Over budget by', value: amount(-status.remaining) } : { label: 'Remaining', value: amount(status.remaining) },
    forecast.kind === 'none'
      ? { label: 'Forecast', value: `None yet. ${forecast.reason}` }
      : { label: 'Forecast', value: `${amount(forecast.p50)} at the end of the period (median), ${amount(forecast.p90)} (90th percentile)` },
    ...(forecast.kind === 'band' && forecast.breachMs !== undefined && status.remaining > 0n
      ? [{ label: 'Runs out on', value: `${moment(forecast.breachMs, timeZone)}, as forecast` }]
      : []),
  ];
}

function sessionWords(status: BudgetStatus, { sessionId, user, cost }: CostlySession): Words {
  const limit = displayUsd(status.sessionWarning ?? 0n);
  const who = showValue('user', user);
  return {
    title: `A session of ${who} has cost ${displayUsd(cost)}`,
    summary: `One session of ${who} has cost ${displayUsd(cost)}; budget ${status.key} warns at ${limit} for a single session.`,
    facts: [
      { label: 'User', value: who },
      { label: 'Session', value: shownSessionId(sessionId) },
      { label: 'Cost', value: displayUsd(cost) },
      { label: 'Warns at', value: limit },
      { label: 'Budget', value: `${status.key} (${whoText(status.scope)}): ${percent(status)} used in ${periodText(status)}` },
    ],
  };
}

const ANOMALY_TITLES: Readonly<Record<Anomaly['kind'], string>> = {
  spend: 'Unusual spend',
  runaway_session: 'Runaway session',
  new_model: 'New model',
  cache_collapse: 'Cache hit ratio collapsed',
  telemetry_stopped: 'Telemetry stopped',
};

const anomalyWords = (anomaly: Anomaly, { timeZone }: MessageContext): Words => ({
  title: `${ANOMALY_TITLES[anomaly.kind]}: ${whoText(scopeText(anomaly.scope))}`,
  summary: anomaly.words,
  facts: [
    { label: 'Scope', value: whoText(scopeText(anomaly.scope)) },
    { label: 'Since', value: moment(anomaly.atMs, timeZone) },
  ],
});

function shareWords({ what, share, limit }: ShareTooHigh): Words {
  const words =
    what === 'unpriced' ? 'of the tokens of the last 24 hours have no list price' : 'of the spend of the last 24 hours belongs to no team';
  return {
    title: what === 'unpriced' ? `${shareText(share)} of the tokens are unpriced` : `${shareText(share)} of the spend is unallocated`,
    summary: `${shareText(share)} ${words}; the alert threshold is ${shareText(limit)}. ${what === 'unpriced' ? 'Comparisons with list cost leave them out.' : 'No team budget counts it.'}`,
    facts: [
      { label: 'Share', value: shareText(share) },
      { label: 'Threshold', value: shareText(limit) },
    ],
  };
}

function rateWords({ limit, perMinute, peak, peakMs, ratio }: RateLimitUse, { timeZone }: MessageContext): Words {
  const what = limit.replaceAll('_', ' ');
  const used = shareText(ratio);
  const amount = (value: number): string => value.toLocaleString('en');
  return {
    title: ratio >= 1 ? `The limit of ${what} is reached: ${used}` : `The limit of ${what}: ${used} used`,
    summary: `The busiest of the last ${BUSIEST_OF_MINUTES} minutes used ${amount(peak)} of ${amount(perMinute)} ${what} (${used}).${ratio >= 1 ? ' Beyond its limit the provider refuses requests.' : ''}`,
    facts: [
      { label: 'Limit', value: `${amount(perMinute)} ${what}` },
      { label: 'Busiest minute', value: `${amount(peak)} (${used})` },
      ...(peakMs === undefined ? [] : [{ label: 'At', value: moment(peakMs, timeZone) }]),
    ],
  };
}

function refusedWords(requests: number): Words {
  const count = requests.toLocaleString('en');
  const were = requests === 1 ? '1 request was' : `${count} requests were`;
  return {
    title: `${were} refused with 429`,
    summary: `In the last hour ${were} refused because of a rate limit (status 429), after all retries of the client.`,
    facts: [{ label: 'Refused requests', value: count }],
  };
}

function contributorLine({ dimension, value, spent, share, previous }: Contributor, { unit }: BudgetStatus): ContributorLine {
  return { name: showValue(dimension, value), amount: amountText(spent, unit), share: shareText(share), change: changeText(spent, previous) };
}

/** "+42 %" against before, "new" where there was nothing. */
export function changeText(now: bigint, before: bigint | undefined): string {
  if (before === undefined) return 'no previous period';
  // Corrections may take a period below zero, of which nothing is a share.
  if (before <= 0n) return now === before ? 'unchanged' : 'new';
  const change = Number(((now - before) * 1000n) / before) / 10;
  const rounded = Math.round(change);
  return rounded === 0 ? 'unchanged' : `${rounded > 0 ? '+' : '−'}${Math.abs(rounded).toLocaleString('en')} %`;
}

function linksOf({ name, team }: Alert, { links }: MessageContext): AlertMessage['links'] {
  const board = boardOf(name);
  return [
    { title: 'Open the board', url: boardUrl(team !== '' && board === 'overview' ? 'team' : board, encodeURIComponent(team), links) },
    { title: 'What to do', url: runbookUrl(name, links) },
  ];
}
