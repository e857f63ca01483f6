/**
 * Notifies approvers of requests for more, and of what became of them, through the outbox: once each, also after a crash. The channels are those of
 * the budget's team; whoever asked hears of the answer by mail, where the user is an address and there is a channel for mail.
 */
import { type Budget, type BudgetJournal, nameOf } from '../budgets/journal.ts';
import { type BudgetRequest, type RequestNews, stateOf } from '../budgets/request.ts';
import { statusOf } from '../budgets/request-status.ts';
import { scopeFilters, teamOf } from '../budgets/scope.ts';
import type { LinkBases } from '../catalog/alert-links.ts';
import type { AlertsConfig } from '../config/alerts.ts';
import { budgetSchema } from '../config/budgets.ts';
import type { CalendarOptions } from '../core/calendar.ts';
import { DAY_MS } from '../core/duration.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { AlertMessage } from './message.ts';
import { deliveryId, type NewDelivery, type Outbox } from './outbox.ts';
import { requestUrl } from './request-link.ts';
import { askedMessage, decidedMessage, type RequestContext } from './request-message.ts';
import { channelsFor } from './routing.ts';

export interface RequestNotifierOptions {
  readonly alerts: AlertsConfig;
  readonly links: LinkBases;
  readonly reader: LedgerReader;
  readonly calendar: CalendarOptions;
  readonly journal: Pick<BudgetJournal, 'requestNews' | 'findRequest' | 'audit'>;
  readonly budgets: () => Promise<readonly Budget[]>;
  readonly outbox: Pick<Outbox, 'handedOver' | 'handOver'>;
  /** Those that the collector delivers to itself. */
  readonly channels: ReadonlyMap<string, unknown>;
  /** Signs links. */
  readonly key: Uint8Array;
  readonly now: () => number;
}

interface Addressed extends RequestContext {
  /** Of the budget, also where it is no more. */
  readonly team: string;
}

/** No channel and no digest can be called so. */
const MARK = 'budget requests';
const ANSWERS: ReadonlySet<string> = new Set(['approved', 'denied']);
/** What was answered longer ago is no news. */
const LATE_MS = DAY_MS;
/** One address and nothing else: a list or a name in it would be read as several. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/i;

export class RequestNotifier {
  readonly #options: RequestNotifierOptions;
  #afterEntry: number | undefined;

  constructor(options: RequestNotifierOptions) {
    this.#options = options;
  }

  /** Writes what follows from the news, and how far they have been read, both or neither. */
  async notify(): Promise<void> {
    const { journal, outbox } = this.#options;
    this.#afterEntry ??= await this.#handedOver();
    if ((await journal.requestNews(this.#afterEntry)).length === 0) return;
    // Another replica may have done so meanwhile.
    this.#afterEntry = await this.#handedOver();
    const news = await journal.requestNews(this.#afterEntry);
    const last = news.at(-1);
    if (last === undefined) return;
    const deliveries: NewDelivery[] = [];
    for (const one of news) deliveries.push(...(await this.#deliveriesOf(one, news)));
    await outbox.handOver(MARK, last.entry, deliveries);
    this.#afterEntry = last.entry;
  }

  #handedOver = async (): Promise<number> => (await this.#options.outbox.handedOver(MARK)) ?? 0;

  async #deliveriesOf({ what, request: id }: RequestNews, news: readonly RequestNews[]): Promise<NewDelivery[]> {
    const { journal, now } = this.#options;
    const request = id === undefined ? undefined : await journal.findRequest(id);
    if (request === undefined) return [];
    const nowMs = now();
    if (what === 'made') return stateOf(request, nowMs) === 'open' ? this.#asked(request, await this.#context(request, nowMs)) : [];
    const { decision } = request;
    const wasAnnounced = !news.some((other) => other.what === 'made' && other.request === id);
    if (decision === undefined || decision.atMs < nowMs - LATE_MS || (!ANSWERS.has(decision.what) && !wasAnnounced)) return [];
    // What had expired before it went with its budget is no news.
    if (decision.what === 'removed' && request.expiresMs <= decision.atMs) return [];
    const context = await this.#context(request, nowMs);
    const message = decidedMessage(request, decision, context);
    const known = this.#channelsOf(context).map((channel) => deliveryOf(request, 'decided', channel, message, nowMs));
    return decision.what === 'withdrawn' ? known : [...known, ...this.#toUser(request, message, context, nowMs)];
  }

  #asked(request: BudgetRequest, context: Addressed): NewDelivery[] {
    const { links, key } = this.#options;
    return this.#channelsOf(context).map((channel) => {
      const urlOf = (answer: 'approve' | 'deny'): string =>
        requestUrl({ request: request.id, answer, channel, untilMs: request.expiresMs }, key, links.publicUrl);
      const actions =
        links.publicUrl === ''
          ? []
          : [
              { title: 'Approve', url: urlOf('approve') },
              { title: 'Deny', url: urlOf('deny') },
            ];
      return deliveryOf(request, 'asked', channel, askedMessage(request, context, actions), context.nowMs);
    });
  }

  #channelsOf({ team }: Addressed): readonly string[] {
    const { alerts, channels } = this.#options;
    return channelsFor({ team, severity: 'warning' }, alerts).filter((name) => channels.has(name));
  }

  /** Nobody whom no token proved gets mail: anybody on this machine could have any address written to. */
  #toUser(request: BudgetRequest, message: AlertMessage, context: Addressed, nowMs: number): NewDelivery[] {
    const { user, who } = request;
    if (who === 'local' || !ADDRESS.test(user)) return [];
    const mails = this.#options.alerts.channels.filter(({ type, name }) => type === 'email' && this.#options.channels.has(name));
    const own = this.#channelsOf(context);
    const mail = mails.find(({ name }) => own.includes(name)) ?? mails[0];
    return mail === undefined ? [] : [deliveryOf(request, 'answered', mail.name, message, nowMs, [user])];
  }

  async #context({ key }: BudgetRequest, nowMs: number): Promise<Addressed> {
    const { reader, calendar, budgets, links } = this.#options;
    const context = await reader.snapshot(async (ledger) => ({
      ...{ nowMs, links, timeZone: calendar.timeZone, asOfMs: (await ledger.status()).asOfMs },
      status: await statusOf(key, await budgets(), { reader: ledger, calendar, nowMs, withForecast: true }),
    }));
    return { ...context, team: context.status?.team ?? (await this.#formerTeam(key)) };
  }

  /** Of a budget that was removed: who was asked hears of it. */
  async #formerTeam(key: string): Promise<string> {
    const removal = (await this.#options.journal.audit(nameOf(key))).find(({ what }) => what === 'budget_removed');
    const before = budgetSchema.safeParse(removal?.before);
    return before.success ? teamOf(scopeFilters(before.data.scope)) : '';
  }
}

const deliveryOf = (
  { id, atMs, key }: BudgetRequest,
  what: 'asked' | 'decided' | 'answered',
  channel: string,
  message: AlertMessage,
  createdMs: number,
  to?: readonly string[],
): NewDelivery => ({
  id: deliveryId('request', String(id), String(atMs), what, channel),
  ...{ kind: 'request', channel, message, to, createdMs },
  subject: `request/${id}/${what === 'answered' ? 'user' : 'channel'}`,
  labels: { budget: key, request: String(id) },
});
