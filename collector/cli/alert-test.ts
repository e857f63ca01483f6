/** ledgerline alerts test: one message through the channels, from this process, and what became of it. */
import { randomUUID } from 'node:crypto';
import { type Channels, createChannels } from '../alerts/channels/channels.ts';
import { renderText } from '../alerts/channels/text.ts';
import type { Delivery } from '../alerts/outbox.ts';
import { sampleMessage } from '../alerts/sample-message.ts';
import { linkBases } from '../catalog/alert-links.ts';
import { ALERTS } from '../catalog/alert-names.ts';
import type { ChannelConfig } from '../config/alerts.ts';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Terminal } from './terminal.ts';

export async function testChannels(
  name: string | undefined,
  config: Config,
  { print = false }: { readonly print?: boolean },
  terminal: Terminal,
): Promise<void> {
  const { alerts } = config;
  const message = sampleMessage(linkBases(config));
  if (print) return terminal.out(renderText(message).trimEnd());
  const all = alerts.channels.map((channel) => channel.name);
  if (all.length === 0) throw new LedgerlineError('invalid', 'alerts.channels is empty.', { hint: 'docs/alerts.md has an example of each type.' });
  if (name !== undefined && !all.includes(name)) {
    throw new LedgerlineError('invalid', `alerts.channels has no channel ${name.slice(0, 80)}.`, { hint: `Channels: ${all.join(', ')}.` });
  }
  const chosen = alerts.channels.filter((channel) => name === undefined || channel.name === name);
  const [tested, elsewhere] = bySender(chosen);
  for (const channel of elsewhere) terminal.err(`${channel.name}: not tested, since only Alertmanager and Grafana deliver to ${channel.type}`);
  if (tested.length === 0)
    throw new LedgerlineError('invalid', 'The collector delivers to none of these channels.', { hint: 'Test them from Alertmanager or Grafana.' });
  const channels = createChannels({ ...alerts, channels: tested }, terminal.now);
  const nowMs = terminal.now();
  const delivery: Delivery = {
    ...{ id: randomUUID(), kind: 'test', channel: '', subject: 'test', message, labels: {}, to: undefined, createdMs: nowMs },
    ...{ status: 'waiting', attempts: 0, nextMs: nowMs, deliveredMs: undefined, error: undefined },
  };
  const failed = await trying(channels, delivery, nowMs, terminal);
  if (failed === 0) return;
  throw new LedgerlineError('unavailable', `${failed} of ${tested.length} channels did not accept the message.`, { hint: 'The reasons are above.' });
}

/** Those that the collector can send to, and those that it cannot. */
function bySender(channels: readonly ChannelConfig[]): readonly [tested: ChannelConfig[], elsewhere: ChannelConfig[]] {
  const { ours = [], theirs = [] } = Object.groupBy(channels, ({ type }) => (type === 'pagerduty' || type === 'opsgenie' ? 'theirs' : 'ours'));
  return [ours, theirs];
}

/** How many failed. */
async function trying({ channels, refreshers }: Channels, delivery: Delivery, nowMs: number, { out, err }: Terminal): Promise<number> {
  const sends = [
    ...[...channels].map(([name, channel]) => [name, () => channel.deliver({ ...delivery, channel: name })] as const),
    ...[...refreshers].map(([name, refresher]) => {
      const labels = { alertname: ALERTS.budgetThreshold, severity: 'info', test: 'true' };
      return [name, () => refresher.refresh([{ labels, message: delivery.message, firedMs: nowMs }], nowMs)] as const;
    }),
  ];
  let failed = 0;
  // All at once: one that does not answer would keep the others waiting.
  const answers = await Promise.allSettled(sends.map(async ([, send]) => send()));
  for (const [index, [name]] of sends.entries()) {
    const answer = answers[index];
    if (answer?.status !== 'rejected') out(`${name}: message accepted`);
    else {
      failed++;
      err(`${name}: ${answer.reason instanceof Error ? answer.reason.message : String(answer.reason)}`);
    }
  }
  return failed;
}
