/** The channels of the configuration, ready to send. */

import { type AlertsConfig, type ChannelConfig, ONLY_GENERATED } from '../../config/alerts.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Refresher } from '../engine.ts';
import type { Channel } from '../outbox.ts';
import { alertmanagerRefresher } from './alertmanager.ts';
import { mailChannel } from './mail.ts';
import { slackChannel } from './slack.ts';
import { teamsChannel } from './teams.ts';
import { webhookChannel } from './webhook.ts';

export interface Channels {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly refreshers: ReadonlyMap<string, Refresher>;
}

/** Throws LedgerlineError `invalid` for a channel that only Alertmanager or Grafana can speak to. */
export function createChannels({ channels, interval_seconds }: AlertsConfig, now: () => number): Channels {
  for (const { name, type } of channels) {
    if (!ONLY_GENERATED.includes(type)) continue;
    throw new LedgerlineError('invalid', `alerts.channels: the collector cannot deliver to ${name}, which is of type ${type}.`, {
      hint: 'Take it out, or set alerts.deliver: false and let Alertmanager (`ledgerline alerts alertmanager`) or Grafana deliver.',
    });
  }
  const refreshers = channels.filter(({ type }) => type === 'alertmanager');
  return {
    channels: new Map(channels.filter(({ type }) => type !== 'alertmanager').map((channel) => [channel.name, createChannel(channel, now)])),
    refreshers: new Map(refreshers.map(({ name, url = '' }) => [name, alertmanagerRefresher({ name, url, intervalMs: interval_seconds * 1000 })])),
  };
}

/** The schema has made sure that each type has its keys. */
function createChannel(config: ChannelConfig, now: () => number): Channel {
  const { name, type, url, url_file = '', secret_file } = config;
  if (type === 'slack') return slackChannel(name, url_file);
  if (type === 'teams') return teamsChannel(name, url_file);
  if (type === 'webhook') return webhookChannel({ name, url, urlFile: url_file, secretFile: secret_file, now });
  const { smtp_host = '', smtp_port, smtp_tls = 'starttls', username, password_file, from = '', to = [] } = config;
  return mailChannel({ name, host: smtp_host, port: smtp_port, tls: smtp_tls, username, passwordFile: password_file, from, to });
}
