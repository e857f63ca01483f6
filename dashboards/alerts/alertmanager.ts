/** Alertmanager: one message per budget, and no warning about a budget that is already reported as exhausted. */
import { LABELS } from '../../collector/names.ts';

export interface AlertmanagerOptions {
  /** Where alerts are posted, in Alertmanager's webhook format. */
  readonly webhookUrl: string;
  /** How long to collect alerts of one budget before the first message. */
  readonly groupWait?: string;
  readonly groupInterval?: string;
}

/** Reserved for examples, so that an unconfigured installation posts its figures to nobody. */
export const WEBHOOK_PLACEHOLDER = 'http://webhook.invalid/ledgerline';

const RECEIVER = 'webhook';

export function alertmanagerConfig({ webhookUrl, groupWait = '10s', groupInterval = '1m' }: AlertmanagerOptions): object {
  const timing = { group_wait: groupWait, group_interval: groupInterval, repeat_interval: '12h' };
  return {
    route: {
      receiver: RECEIVER,
      group_by: [LABELS.budget],
      ...timing,
      routes: [{ matchers: [`${LABELS.budget}=""`], group_by: ['alertname'] }],
    },
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"', `${LABELS.budget}!=""`],
        target_matchers: ['severity="warning"', `${LABELS.budget}!=""`],
        equal: [LABELS.budget, LABELS.scope, LABELS.period],
      },
    ],
    receivers: [{ name: RECEIVER, webhook_configs: [{ url: webhookUrl, send_resolved: true }] }],
  };
}
