/** The channels of the configuration, ready to send. */

import { type AlertsConfig, type ChannelConfig, isDelivered } from '../../config/alerts.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Refresher } from '../engine.ts';
import type { Channel } from '../outbox.ts';
import { alertmanagerRefresher } from './alertmanager/channel.ts';
import { mailChannel } from './mail/channel.ts';
import { slackChannel } from './slack/channel.ts';
import { teamsChannel } from './teams/channel.ts';
import { webhookChannel } from './webhook/channel.ts';

export interface Channels {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly refreshers: ReadonlyMap<string, Refresher>;
}

/** Throws LedgerlineError `invalid` for a channel that only Alertmanager or Grafana can speak to. */
export function createChannels({ channels, interval_seconds }: AlertsConfig, now: () => number): Channels {
  const created = channels.map((config) => [config.name, createChannel(config, now, interval_seconds * SECOND_MS)] as const);
  return {
    channels: new Map(created.flatMap(([name, one]) => ('deliver' in one ? [[name, one] as const] : []))),
    refreshers: new Map(created.flatMap(([name, one]) => ('refresh' in one ? [[name, one] as const] : []))),
  };
}

/** Of an installation where Alertmanager or Grafana delivers alerts: what is left for the collector. */
export const deliveredHere = (alerts: AlertsConfig): AlertsConfig =>
  alerts.deliver ? alerts : { ...alerts, channels: alerts.channels.filter(isDelivered) };

function createChannel(config: ChannelConfig, now: () => number, intervalMs: number): Channel | Refresher {
  switch (config.type) {
    case 'slack':
      return slackChannel(config);
    case 'teams':
      return teamsChannel(config);
    case 'webhook':
      return webhookChannel(config, now);
    case 'email':
      return mailChannel(config);
    case 'alertmanager':
      return alertmanagerRefresher(config, intervalMs);
    case 'pagerduty':
    case 'opsgenie':
      throw new LedgerlineError('invalid', `alerts.channels: the collector cannot deliver to ${config.name}, which is of type ${config.type}.`, {
        hint: 'Take it out, or set alerts.deliver: false and let Alertmanager (`ledgerline alerts alertmanager`) or Grafana deliver.',
      });
  }
}
