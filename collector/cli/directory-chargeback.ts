/** ledgerline directory chargeback: what each team and cost center is charged for a month. */
import type { Command } from 'commander';
import { CHARGEBACK, type ChargebackAnswer } from '../query/chargeback.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { showField, type View } from './view.ts';

interface ChargebackOptions extends ReadingOptions {
  readonly month?: string;
}

const EXAMPLES = `
Costs that teams share are directory.shared_costs of the configuration. What the rows come to is the spend of the month, to the last digit.

Examples:
  ledgerline directory chargeback
  ledgerline directory chargeback --month 2026-10 -o csv --out-file chargeback.csv`;

export const directoryChargebackCommand = (terminal: Terminal): Command =>
  readingCommand<ChargebackOptions, unknown, ChargebackAnswer>(terminal, {
    name: 'chargeback',
    description: 'what each team and cost center is charged for a month, shared costs split',
    examples: EXAMPLES,
    question: CHARGEBACK,
    shared: { time: false, where: false },
    options: (command) => command.option('--month <month>', 'the month (default: the current one)'),
    parameters: ({ options, parameters }) => {
      if (options.month !== undefined) parameters.set('month', options.month);
    },
    view: (answer, { nowMs }) => chargebackView(answer, nowMs),
  });

function chargebackView(answer: ChargebackAnswer, nowMs: number): View {
  const { range, cost_usd, rows, shared, findings } = answer;
  const lines = shared.map(({ name, split, cost_usd: cost, is_split, parts }) => {
    const to = parts.map(({ team, cost_usd: part }) => `${printable(team)} ${showField('cost_usd', part)}`).join(', ');
    return `- ${printable(name)}, by ${split}: ${showField('cost_usd', cost)}${is_split ? ` to ${to}` : ' stays where it is booked: no team is there to take it'}`;
  });
  return {
    headline: `Chargeback: ${range.words}`,
    sections: [
      {
        columns: [
          { field: 'cost_center' },
          { field: 'team' },
          { field: 'own_usd', priority: 1 },
          { field: 'shared_out_usd', priority: 3 },
          { field: 'shared_in_usd', priority: 2 },
          { field: 'total_usd' },
        ],
        rows,
        total: { total_usd: cost_usd },
        empty: 'No spend in this month.',
      },
      ...(lines.length === 0 ? [] : [{ title: 'Shared', columns: [], rows: [], lines }]),
    ],
    notes: [...findings.map(({ message, remedy }) => printable(`${message} ${remedy}`)), ageNote(answer, nowMs)],
  };
}
