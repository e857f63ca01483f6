/** What the running collector logs: a stable code for each, with its level and the part of the collector that it is about. */
import type { LogCodes, LogOf } from '../core/logger.ts';

export const LOG_CODES = {
  collector_started: { level: 'info', component: 'collector', meaning: 'Every port is open; the ports are fields of the line. In JSON only.' },
  collector_stopping: { level: 'info', component: 'collector', meaning: 'SIGTERM or SIGINT came: what is in flight is answered.' },
  collector_stopped: { level: 'info', component: 'collector', meaning: 'The ledger is closed, and everything acknowledged is in it.' },
  collector_lost: {
    level: 'error',
    component: 'collector',
    meaning: 'A thread ended that is not started again. The collector stops with exit code 1; its supervisor has to start it.',
  },
  thread_ended: { level: 'error', component: 'threads', meaning: 'A thread ended by itself, or could not be started; it is started again.' },
  thread_restarted: { level: 'info', component: 'threads', meaning: 'It runs again.' },
  receiver_failed: { level: 'error', component: 'receiver', meaning: 'An export was answered with an internal error. The sender tries again.' },
  retention_removed: { level: 'info', component: 'retention', meaning: 'Entries older than `retention.entries_days` were removed.' },
  retention_failed: { level: 'warn', component: 'retention', meaning: 'They could not be removed; the next day tries again.' },
  request_failed: { level: 'error', component: 'api', meaning: 'A request to REST was answered with 500 or 503; its path is a field.' },
  budget_spend_unread: { level: 'warn', component: 'budgets', meaning: "The spend behind developers' own budgets could not be read; tried again." },
  evaluation_failed: { level: 'error', component: 'alerts', meaning: 'Budgets and anomalies could not be evaluated; tried again.' },
  dispatch_failed: { level: 'error', component: 'alerts', meaning: 'The outbox of messages could not be read or written; tried again.' },
  messages_grouped: { level: 'info', component: 'alerts', meaning: 'Many messages for one channel leave as one.' },
  delivery_failed: { level: 'warn', component: 'alerts', meaning: 'A channel did not take a message; tried again later.' },
  delivery_dead: {
    level: 'error',
    component: 'alerts',
    meaning: 'A message is not tried again. `ledgerline alerts retry` sends it once more.',
  },
  refresh_failed: { level: 'warn', component: 'alerts', meaning: 'An Alertmanager did not take the alerts; the next evaluation posts them again.' },
  demo_progress: { level: 'info', component: 'demo', meaning: 'How much of the made-up past is in.' },
  demo_failed: { level: 'error', component: 'demo', meaning: 'The demo could not send.' },
} as const satisfies LogCodes;

export type LogCode = keyof typeof LOG_CODES;
export type Log = LogOf<LogCode>;
