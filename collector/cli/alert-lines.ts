/** Alerts for the terminal: what needs somebody first. */
import type { AlertsAnswer } from '../query/alerts.ts';
import { type Column, printable, table } from './table.ts';
import { paint, type Terminal } from './terminal.ts';

const LEFT = (title: string): Column => ({ title, align: 'left' });
const DELIVERED_SHOWN = 10;
const FIRING_SHOWN = 50;
const RANK = { critical: 0, warning: 1, info: 2 } as const;

export function alertLines({ delivering, firing, waiting, delivered, dead }: AlertsAnswer, terminal: Terminal): string[] {
  const head = (text: string): string => paint(terminal, 'bold', text);
  const lines = (title: string, rows: readonly string[], none: string): string[] => [head(title), ...(rows.length === 0 ? [none] : rows), ''];
  return [
    ...(delivering ? [] : ['The collector delivers no alerts itself: alerts.deliver is false. See Prometheus and Alertmanager for what fires.', '']),
    ...lines('Firing', firingRows(firing, terminal), 'No alert is firing.'),
    ...(waiting.length === 0 ? [] : lines('Waiting', deliveryRows(waiting, terminal), '')),
    ...lines('Dead letters', deadRows(dead), 'None.'),
    ...(delivered.length === 0 ? [] : lines('Last delivered', deliveryRows(delivered.slice(0, DELIVERED_SHOWN), terminal), '')),
  ].slice(0, -1);
}

function firingRows(firing: AlertsAnswer['firing'], terminal: Terminal): string[] {
  if (firing.length === 0) return [];
  const mostSevere = firing.toSorted((one, other) => RANK[one.severity] - RANK[other.severity]);
  const rows = table(
    terminal,
    [LEFT('severity'), LEFT('since'), LEFT('alert'), LEFT('notified')],
    mostSevere
      .slice(0, FIRING_SHOWN)
      .map(({ severity, fired_at, title, name, labels, notification, channels }) => [
        severity,
        second(fired_at),
        printable(title ?? `${name} ${labels.budget ?? labels.scope ?? ''}`.trim()),
        notification === 'notified' ? channels.join(', ') || 'nobody' : NOTIFICATION[notification],
      ]),
  );
  const more = firing.length - FIRING_SHOWN;
  return more > 0 ? [...rows, `and ${more.toLocaleString('en')} more, none more severe; --json shows all`] : rows;
}

const NOTIFICATION = { pending: 'held back', silent: 'before' } as const;

const deliveryRows = (deliveries: AlertsAnswer['waiting'], terminal: Terminal): string[] =>
  table(
    terminal,
    [LEFT('created'), LEFT('channel'), LEFT('kind'), LEFT('message'), LEFT('attempts'), LEFT('error')],
    deliveries.map(({ created_at, channel, kind, title, attempts, error }) => [
      second(created_at),
      channel,
      kind,
      printable(title),
      String(attempts),
      printable(error ?? ''),
    ]),
  );

/** Several lines each: the reason is what is looked for. */
const deadRows = (dead: AlertsAnswer['dead']): string[] =>
  dead.flatMap(({ id, created_at, channel, title, attempts, error }) => [
    `${id}  ${second(created_at)}  ${channel}: ${printable(title)}`,
    `  ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}. ${printable(error ?? '')}`,
    `  Once fixed: ledgerline alerts retry ${id}`,
  ]);

/** An instant without its milliseconds. */
const second = (instant: string | null): string => instant?.replace(/\.\d+Z$/, 'Z') ?? '';
