/** Sends an Alertmanager what fires, again and again: its API forgets an alert that is not refreshed. API version 2. */

import type { AlertmanagerConfig } from '../../../config/channels/alertmanager.ts';
import { MINUTE_MS } from '../../../core/duration.ts';
import type { FiringAlert, Refresher } from '../../engine.ts';
import { DeliveryFailure } from '../../outbox.ts';
import { type Post, postJson } from '../http-post.ts';
import { renderText } from '../text.ts';

const KEPT_MS = 5 * MINUTE_MS;
/** Of one request: a few hundred kilobytes. */
const ALERTS_MAX = 200;

/** `intervalMs`: between two refreshes; an alert that misses three of them is over. */
export function alertmanagerRefresher({ name, url }: AlertmanagerConfig, intervalMs: number): Refresher {
  /** What was sent as firing, to be sent as resolved: by its labels, which are all that an Alertmanager knows an alert by. */
  let notified = new Map<string, object>();
  return {
    async refresh(firing, nowMs) {
      const endsAt = new Date(nowMs + Math.max(KEPT_MS, 3 * intervalMs)).toISOString();
      const now = new Map(
        firing.map(({ labels, message, firedMs }) => [
          identityOf(labels),
          {
            labels,
            annotations: {
              summary: `${message.title}.`,
              description: message.summary,
              details: renderText(message),
              dashboard_url: message.links[0]?.url ?? '',
              runbook_url: message.links[1]?.url ?? '',
            },
            // By a clock that was ahead it began after it ends, which is refused.
            startsAt: new Date(Math.min(firedMs, nowMs)).toISOString(),
            generatorURL: message.links[0]?.url ?? '',
          },
        ]),
      );
      const over = [...notified].filter(([identity]) => !now.has(identity)).map(([, alert]) => ({ ...alert, endsAt: new Date(nowMs).toISOString() }));
      const alerts = [...[...now.values()].map((alert) => ({ ...alert, endsAt })), ...over];
      const failure = await sendAll(alerts, { url: apiOf(url), receiver: `The Alertmanager ${name}` });
      if (failure !== undefined) {
        // What is over is sent again with the next refresh.
        for (const [identity, alert] of now) notified.set(identity, alert);
        throw failure;
      }
      notified = now;
    },
  };
}

/** Why a part of them did not arrive. A lot that is refused holds up no other; where there is no answer, the others wait for the next refresh. */
async function sendAll(alerts: readonly object[], to: Pick<Post, 'url' | 'receiver'>): Promise<DeliveryFailure | undefined> {
  let first: DeliveryFailure | undefined;
  for (let at = 0; at < alerts.length; at += ALERTS_MAX) {
    const failure = await postJson({ ...to, ownWord: 'alerts', body: JSON.stringify(alerts.slice(at, at + ALERTS_MAX)) }).then(
      () => undefined,
      failureOf,
    );
    first ??= failure;
    if (failure?.isFinal === false) break;
  }
  return first;
}

const failureOf = (error: unknown): DeliveryFailure => (error instanceof DeliveryFailure ? error : new DeliveryFailure(String(error)));

/** Of an Alertmanager below a path, too. What a browser shows of its page, and the address of the API itself, mean the same. */
function apiOf(url: string): string {
  const address = new URL(url);
  const path = address.pathname.replace(/\/+$/, '').replace(/\/api\/v2(\/alerts)?$/, '');
  return new URL(`${path}/api/v2/alerts`, address.origin).href;
}

/** The same for the same labels, such as those of a budget before and after a raise. */
const identityOf = (labels: FiringAlert['labels']): string => JSON.stringify(Object.entries(labels).sort());
