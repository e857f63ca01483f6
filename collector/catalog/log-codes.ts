/** What the running collector logs: a stable code for each, with its level and the part of the collector that it is about. */
import type { LogCodes, LogOf } from '../core/logger.ts';

export const LOG_CODES = {
  collector_started: { level: 'info', component: 'collector', meaning: 'Every port is open; the ports are fields of the line. In JSON only.' },
  ledger_converting: {
    level: 'info',
    component: 'ledger',
    meaning: "A former version wrote the ledger's file. It is brought up to this one before anything is received; `bytes` says how large it is.",
  },
  ledger_waiting: {
    level: 'warn',
    component: 'ledger',
    meaning:
      'The tables of a shared ledger have to be updated, and a dump or another long transaction uses them, which the line names. Asked for again every five seconds, for an hour.',
  },
  collector_stopping: { level: 'info', component: 'collector', meaning: 'SIGTERM or SIGINT was received: requests in flight are finished.' },
  collector_stopped: { level: 'info', component: 'collector', meaning: 'The ledger is closed, and everything acknowledged is in it.' },
  collector_lost: {
    level: 'error',
    component: 'collector',
    meaning: 'A thread that is not restarted has ended. The collector stops with exit code 1; its supervisor has to restart it.',
  },
  thread_ended: { level: 'error', component: 'threads', meaning: 'A thread has ended or could not be started; it is restarted.' },
  thread_restarted: { level: 'info', component: 'threads', meaning: 'The thread is running again.' },
  access_reloaded: {
    level: 'info',
    component: 'collector',
    meaning: 'Tokens and certificates were read again, because a file changed or SIGHUP was received, and are in force.',
  },
  access_renamed: {
    level: 'warn',
    component: 'collector',
    meaning:
      'Tokens or certificates that the line names were given another organization, team, user, workspace or job. Their sessions under way go on as second ones, and what cumulative metrics report of them is booked again.',
  },
  access_kept: {
    level: 'error',
    component: 'collector',
    meaning: 'What was read again has a mistake, which the line names. The former tokens and certificates stay in force, and `/readyz` says so.',
  },
  directory_reloaded: {
    level: 'info',
    component: 'collector',
    meaning: 'A file of the directory changed, or users came over SCIM: what is received from now on is attributed by it.',
  },
  directory_kept: {
    level: 'error',
    component: 'collector',
    meaning: 'A changed file of the directory has a mistake, which the line names. The directory stays as it was.',
  },
  restart_needed: { level: 'warn', component: 'collector', meaning: 'Keys of the configuration changed that are read at the start alone.' },
  receiver_failed: { level: 'error', component: 'receiver', meaning: 'An export got an internal error. The sender retries.' },
  learnt_prices_failed: { level: 'error', component: 'prices', meaning: 'Prices that were learnt could not be written to the data folder.' },
  receiver_refused: {
    level: 'warn',
    component: 'receiver',
    meaning: 'The first refusal of its `kind`, with the address of the sender and the remedy as hint. Later ones are summed up once an hour.',
  },
  receiver_ignored: { level: 'info', component: 'receiver', meaning: 'The same for what costs no data, such as records of other services.' },
  retention_paused: {
    level: 'warn',
    component: 'retention',
    meaning: "No entries were removed, because the machine's clock is more than 60 days ahead of the newest sessions.",
  },
  retention_removed: { level: 'info', component: 'retention', meaning: 'Entries older than `retention.entries_days` were removed.' },
  retention_failed: { level: 'warn', component: 'retention', meaning: 'Entries could not be removed; retried the next day.' },
  settings_differ: {
    level: 'warn',
    component: 'settings',
    meaning: 'The replicas of the ledger have agreed on other settings since this one started. It goes by its own, and `/readyz` says so.',
  },
  settings_adopted: {
    level: 'info',
    component: 'settings',
    meaning: 'Settings of what is shown and sent differ from those of the replicas that started before; the latest are right.',
  },
  settings_unread: { level: 'warn', component: 'settings', meaning: 'The settings of the other replicas could not be read or written; retried.' },
  lease_taken: { level: 'info', component: 'leases', meaning: 'Of several replicas this one does now what the field `lease` names.' },
  lease_lost: {
    level: 'warn',
    component: 'leases',
    meaning: 'It does it no more: it could not renew its lease in time, and another one takes over.',
  },
  lease_failed: {
    level: 'warn',
    component: 'leases',
    meaning: 'The database could not be asked for a lease, or the work ended by an error; retried.',
  },
  samples_failed: {
    level: 'warn',
    component: 'samples',
    meaning: 'What Grafana reads of a shared ledger beside its sums could not be computed or written; retried the next minute.',
  },
  request_failed: { level: 'error', component: 'api', meaning: 'A REST request got 500 or 503; its path is a field.' },
  budget_spend_unread: { level: 'warn', component: 'budgets', meaning: "The spend of users' own budgets could not be read; retried." },
  evaluation_failed: {
    level: 'error',
    component: 'alerts',
    meaning: 'Budgets and anomalies could not be evaluated, or a digest could not be made; retried.',
  },
  dispatch_failed: { level: 'error', component: 'alerts', meaning: 'The outbox could not be read or written; retried.' },
  messages_grouped: { level: 'info', component: 'alerts', meaning: 'Many messages for one channel were grouped in one.' },
  delivery_failed: { level: 'warn', component: 'alerts', meaning: 'A channel did not accept a message; retried later.' },
  delivery_dead: {
    level: 'error',
    component: 'alerts',
    meaning: 'A message is no longer retried. `ledgerline alerts retry` sends it again.',
  },
  refresh_failed: { level: 'warn', component: 'alerts', meaning: 'An Alertmanager did not accept the alerts; the next evaluation posts them again.' },
  export_written: {
    level: 'info',
    component: 'exports',
    meaning: 'Files of a scheduled export were written or replaced; they are a field of the line.',
  },
  export_failed: {
    level: 'error',
    component: 'exports',
    meaning: 'A scheduled export could not be written; retried after five minutes. Files are whole or not there.',
  },
  import_done: { level: 'info', component: 'imports', meaning: 'An import on a schedule has read its days.' },
  import_failed: {
    level: 'error',
    component: 'imports',
    meaning: 'An import on a schedule failed; retried after 15 minutes. Days that were read are stored.',
  },
  demo_progress: { level: 'info', component: 'demo', meaning: 'How much of the made-up history has been sent.' },
  demo_failed: { level: 'error', component: 'demo', meaning: 'The demo could not send.' },
} as const satisfies LogCodes;

export type LogCode = keyof typeof LOG_CODES;
export type Log = LogOf<LogCode>;
