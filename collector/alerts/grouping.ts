/**
 * Keeps one event from becoming a thousand messages: what waits for a channel is sent one by one while it is little, and in one message
 * when many of a kind are new at once, or when the channel had its share of the hour. Pure: the same inputs give the same plan.
 */

import { nameOf } from '../budgets/journal.ts';
import { boardOf, boardUrl, type LinkBases, runbookUrl } from '../catalog/alert-links.ts';
import { ALERTS } from '../catalog/alert-names.ts';
import { LABELS } from '../catalog/names.ts';
import type { AlertsConfig } from '../config/alerts.ts';
import { HOUR_MS } from '../core/duration.ts';
import type { Alert } from './alert.ts';
import type { AlertMessage } from './message.ts';
import type { Delivery, NewDelivery } from './outbox.ts';
import { deliveryId } from './outbox.ts';

export interface GroupingContext {
  readonly alerts: Pick<AlertsConfig, 'messages_at_once' | 'messages_per_hour'>;
  readonly links: LinkBases;
  /** When the channel took messages about alerts, the oldest first, epoch milliseconds. */
  readonly sentMs: readonly number[];
  readonly nowMs: number;
}

/** One message for several. */
export interface GroupedDeliveries {
  readonly summary: NewDelivery;
  readonly ids: readonly string[];
}

export interface SendingPlan {
  /** As they are, in this order. */
  readonly single: readonly Delivery[];
  readonly grouped: readonly GroupedDeliveries[];
}

const SHOWN = 10;
const RANK: Readonly<Record<AlertMessage['mood'], number>> = { critical: 0, warning: 1, info: 2, resolved: 3, digest: 4, request: 5 };

/** What waits for one channel, in the order it was written. What is left out waits on. */
export function planSending(due: readonly Delivery[], context: GroupingContext): SendingPlan {
  const atOnce = context.alerts.messages_at_once;
  const alerts = due.filter(isOfAlert);
  const groups = [
    ...Map.groupBy(
      alerts.filter((delivery) => !isUrgent(delivery)),
      kindOf,
    ).values(),
  ];
  const urgent = alerts.filter(isUrgent);
  const others = due.filter((delivery) => !isOfAlert(delivery));
  const always: SendingPlan =
    urgent.length > atOnce ? { single: others, grouped: [groupedOf(urgent, 'kind', context)] } : { single: [...others, ...urgent], grouped: [] };
  const left = allowance(context) - always.grouped.length - (always.single.length - others.length);
  const few = groups.filter((group) => group.length <= atOnce).flat();
  const many = groups.filter((group) => group.length > atOnce);
  if (few.length + many.length <= left) {
    return {
      single: inOrder(due, [...always.single, ...few]),
      grouped: [...always.grouped, ...many.map((group) => groupedOf(group, 'kind', context))],
    };
  }
  // One message has all that is left; where not even that is allowed, it waits for the next that is.
  if (left < 1) return { ...always, single: inOrder(due, always.single) };
  return { single: inOrder(due, always.single), grouped: [...always.grouped, groupedOf(groups.flat(), 'hour', context)] };
}

/** Digests, requests, tests and summaries are few by themselves; what is for some recipients alone is no summary for all. */
const isOfAlert = ({ kind, to }: Delivery): boolean => (kind === 'firing' || kind === 'resolved') && to === undefined;

/** Critical, and about a budget as a whole: waits for nothing, and is a kind of its own, so that no crowd of members hides it. */
const isUrgent = ({ kind, message, labels }: Delivery): boolean =>
  kind === 'firing' && message.mood === 'critical' && labels[LABELS.budget] !== undefined && !isOfMember(labels);

const isOfMember = (labels: Delivery['labels']): boolean => labels[LABELS.budget]?.includes('/') === true || labels.alertname === ALERTS.sessionCost;

const kindOf = ({ kind, labels }: Delivery): string => `${kind} ${labels.alertname ?? ''}`;

interface Outgoing {
  readonly alert: Pick<Alert, 'name' | 'severity' | 'labels'>;
  readonly channels: readonly string[];
}

/** Will some channel send it by itself? The answer before anything is written; what the hour allows is decided later. */
export function fewOfAKind(outgoing: readonly Outgoing[], atOnce: number): (alert: Outgoing['alert'], channels: readonly string[]) => boolean {
  const keyOf = ({ name, severity, labels }: Outgoing['alert'], channel: string): string =>
    `${channel} ${severity === 'critical' && !isOfMember(labels) ? 'urgent' : ''} ${name}`;
  const counts = new Map<string, number>();
  for (const { alert, channels } of outgoing)
    for (const key of channels.map((channel) => keyOf(alert, channel))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return (alert, channels) => channels.some((channel) => (counts.get(keyOf(alert, channel)) ?? 0) <= atOnce);
}

/** A bucket that holds an hour's messages and fills evenly. It is read off what was sent, so that a restart does not fill it. */
function allowance({ sentMs, nowMs, alerts }: GroupingContext): number {
  const size = alerts.messages_per_hour;
  let tokens = size;
  let atMs = nowMs - HOUR_MS;
  for (const ms of [...sentMs.filter((sent) => sent > atMs && sent <= nowMs), nowMs]) {
    tokens = Math.min(size, tokens + ((ms - atMs) * size) / HOUR_MS);
    atMs = ms;
    if (ms !== nowMs) tokens = Math.max(0, tokens - 1);
  }
  return Math.floor(tokens + 1e-9);
}

const inOrder = (all: readonly Delivery[], chosen: readonly Delivery[]): Delivery[] => {
  const wanted = new Set(chosen);
  return all.filter((delivery) => wanted.has(delivery));
};

function groupedOf(deliveries: readonly Delivery[], why: 'kind' | 'hour', context: GroupingContext): GroupedDeliveries {
  const ids = deliveries.map(({ id }) => id);
  const channel = deliveries[0]?.channel ?? '';
  const id = deliveryId('summary', channel, ...ids.toSorted());
  const message = summaryOf(deliveries, why, context);
  const labels = { ...commonLabels(deliveries), alerts: String(ids.length) };
  return { ids, summary: { id, kind: 'summary', channel, subject: `summary/${id}`, message, labels, to: undefined, createdMs: context.nowMs } };
}

function summaryOf(deliveries: readonly Delivery[], why: 'kind' | 'hour', { alerts, links }: GroupingContext): AlertMessage {
  const largest = deliveries.toSorted(byWeight).slice(0, SHOWN);
  const { alertname, [LABELS.budget]: budget } = commonLabels(deliveries);
  const count = deliveries.length.toLocaleString('en');
  const what = `${count} ${kindWords(alertname)}alerts${budget === undefined ? '' : ` for ${budget}`}`;
  const moods = new Set(deliveries.map(({ message }) => message.mood));
  const isOver = deliveries.every(({ kind }) => kind === 'resolved');
  const limit = why === 'kind' ? alerts.messages_at_once : alerts.messages_per_hour;
  const reason =
    why === 'kind'
      ? `More than ${limit} alerts of one kind at once (alerts.messages_at_once)`
      : `This channel has reached its ${limit} messages per hour (alerts.messages_per_hour)`;
  return {
    mood: largest[0]?.message.mood ?? 'info',
    title: isOver ? `Resolved: ${what}` : moods.size > 1 ? `${what}: ${moodCounts(deliveries)}` : what,
    summary: `${reason}, so they are grouped. ${deliveries.length > SHOWN ? `The ${SHOWN} most severe are below; all` : 'All'} are on the board and in \`ledgerline alerts list\`.`,
    facts: [
      { label: 'Alerts', value: `${count}: ${moodCounts(deliveries)}` },
      ...largest.map(({ message }) => ({ label: MOOD_WORDS[message.mood], value: message.title })),
    ],
    used: undefined,
    contributors: [],
    contributorsTitle: '',
    dataAge: deliveries.at(-1)?.message.dataAge ?? '',
    links: [{ title: 'Open the board', url: groupUrl(alertname, links) }, ...runbookLinks(largest, links)],
  };
}

/** Teams shows six buttons, of which the board has one. */
const RUNBOOKS = 5;

/** What to do about each kind of the alerts that are listed, the most severe first. */
function runbookLinks(listed: readonly Delivery[], links: LinkBases): AlertMessage['links'] {
  const kinds = new Set(listed.map(({ labels }) => labels.alertname));
  const names = [...kinds].flatMap((kind) => Object.values(ALERTS).filter((known) => known === kind));
  const [only] = names;
  if (names.length === 1 && only !== undefined) return [{ title: 'What to do', url: runbookUrl(only, links) }];
  return names.slice(0, RUNBOOKS).map((name) => ({ title: `What to do: ${kindWords(name).trim()}`, url: runbookUrl(name, links) }));
}

/** What kind of alerts they are, before the word "alerts"; empty where they are of several. */
const KIND_WORDS: Readonly<Partial<Record<string, string>>> = {
  [ALERTS.budgetThreshold]: 'budget ',
  [ALERTS.budgetForecast]: 'budget forecast ',
  [ALERTS.budgetStopped]: 'stopped budget ',
  [ALERTS.sessionCost]: 'session cost ',
  [ALERTS.anomalySpend]: 'unusual spend ',
  [ALERTS.anomalySession]: 'runaway session ',
  [ALERTS.anomalyModel]: 'new model ',
  [ALERTS.anomalyCache]: 'cache hit ratio ',
  [ALERTS.anomalyTelemetry]: 'telemetry ',
  [ALERTS.unpriced]: 'unpriced tokens ',
  [ALERTS.unallocated]: 'unallocated spend ',
  [ALERTS.rateLimitNear]: 'rate limit ',
  [ALERTS.rateLimitReached]: 'rate limit ',
  [ALERTS.rateLimited]: 'refused requests ',
};
const kindWords = (alertname: string | undefined): string => KIND_WORDS[alertname ?? ''] ?? '';

const MOOD_WORDS: Readonly<Record<AlertMessage['mood'], string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Info',
  resolved: 'Resolved',
  digest: 'Digest',
  request: 'Request',
};

/** "120 critical, 2,194 warnings". */
const moodCounts = (deliveries: readonly Delivery[]): string =>
  [...Map.groupBy(deliveries, ({ message }) => message.mood)]
    .sort(([one], [other]) => RANK[one] - RANK[other])
    .map(([mood, list]) => `${list.length.toLocaleString('en')} ${MOOD_WORDS[mood].toLowerCase()}${mood === 'warning' && list.length > 1 ? 's' : ''}`)
    .join(', ');

/** The most severe first, whole budgets before members, then by the used share. */
function byWeight(one: Delivery, other: Delivery): number {
  const rank = RANK[one.message.mood] - RANK[other.message.mood];
  if (rank !== 0) return rank;
  const member = Number(isOfMember(one.labels)) - Number(isOfMember(other.labels));
  return member !== 0 ? member : (other.message.used ?? 0) - (one.message.used ?? 0);
}

/** Labels that all share; of the budget its name, which the budgets of its members have in common. */
function commonLabels(deliveries: readonly Delivery[]): Record<string, string> {
  const common = (name: string, of: (value: string) => string = (value) => value): [string, string][] => {
    const values = new Set(deliveries.map(({ labels }) => of(labels[name] ?? '')));
    const [only = ''] = values;
    return values.size === 1 && only !== '' ? [[name, only]] : [];
  };
  return Object.fromEntries([...common('alertname'), ...common('severity'), ...common(LABELS.team), ...common(LABELS.budget, nameOf)]);
}

function groupUrl(alertname: string | undefined, links: LinkBases): string {
  const name = Object.values(ALERTS).find((known) => known === alertname) ?? ALERTS.budgetThreshold;
  return boardUrl(boardOf(name), '', links);
}
