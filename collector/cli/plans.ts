/** ledgerline plans: what seats cost, and the value of what they were used for. */
import type { Command } from 'commander';
import { displayUsd, parseUsd } from '../core/money.ts';
import { PLANS, type PlansAnswer } from '../query/plans.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Section, Value, View } from './view.ts';

interface PlansOptions extends ReadingOptions {
  readonly month?: string;
}

const EXAMPLES = `
Seats and what they cost are plans in the configuration; see docs/reconcile.md. Sessions of a seat are notional: they are in every total of cost, and
the seat is paid for. Without a time range: the current month, up to now. Days begin in UTC.

Examples:
  ledgerline plans
  ledgerline plans --month 2026-10
  ledgerline plans --period last_quarter -o csv`;

export const plansCommand = (terminal: Terminal): Command =>
  readingCommand<PlansOptions, unknown, PlansAnswer>(terminal, {
    name: 'plans',
    description: 'what seats of claude.ai plans cost, the value of what they were used for, and usage credits beyond them',
    examples: EXAMPLES,
    question: PLANS,
    shared: { where: false },
    options: (command) => command.option('--month <month>', 'a calendar month, such as 2026-11'),
    parameters: ({ options, parameters }) => {
      if (options.month !== undefined) parameters.set('month', options.month);
    },
    view: (answer, { nowMs }): View => ({
      headline: headline(answer),
      sections: [seats(answer), { title: 'Beside them', columns: [], rows: [], lines: beside(answer) }],
      notes: [
        ...answer.findings.map(({ message, remedy }) => printable(`${message} ${remedy}`)),
        ageNote(answer, nowMs, 'Value is at list price: notional. Days begin in UTC.'),
      ],
    }),
  });

const usd = (text: Value): string => (typeof text === 'string' && text !== '' ? displayUsd(parseUsd(text) ?? 0n) : 'unknown');
const times = (value: Value): string => (typeof value === 'number' ? `${value.toFixed(2)} ×` : 'unknown');

function headline({ range, total, plans }: PlansAnswer): string {
  if (plans.length === 0) return `${range.words}: no plan is configured, and no session belongs to one.`;
  const fee = total.fee_usd === null ? 'of which the fee is not configured' : `for a fee of ${usd(total.fee_usd)}`;
  const leverage = total.leverage === null ? '' : `: ${times(total.leverage)}`;
  return `${range.words}: seats were used for ${usd(total.value_usd)} at list price, ${fee}${leverage}.`;
}

const seats = ({ plans }: PlansAnswer): Section => ({
  title: 'By plan and seat',
  columns: [
    { field: 'plan', show: (plan) => printable(String(plan)) },
    { field: 'seat', show: (seat) => printable(String(seat)) },
    { field: 'seats', show: (count) => (count === null ? 'unknown' : Number(count).toLocaleString('en')), align: 'right', priority: 2 },
    { field: 'fee_usd', title: 'fee', align: 'right', show: usd },
    { field: 'value_usd', title: 'value used' },
    { field: 'leverage', align: 'right', show: times },
    { field: 'value_per_seat_usd', title: 'value of a seat', align: 'right', show: usd, priority: 3 },
    { field: 'sessions', priority: 4 },
  ],
  rows: plans,
  empty: 'No plan is configured, and no session belongs to one.',
});

function beside({ overage_usd, metered, unknown }: PlansAnswer): string[] {
  return [
    overage_usd === null
      ? '- Usage credits beyond the seats are not known: `ledgerline import anthropic-analytics` brings them.'
      : `- Usage credits beyond the seats: ${usd(overage_usd)}, as billed.`,
    `- Metered use, which is billed by the token: ${usd(metered.value_usd)} at list price, ${usd(metered.reported_usd)} as reported.`,
    ...(unknown.sessions === 0 && Number(unknown.value_usd) === 0
      ? []
      : [`- Plans and seats of which it is not known how they are billed: ${usd(unknown.value_usd)} at list price.`]),
  ];
}
