/** A message with everything in it. */
import type { AlertMessage } from '../../collector/alerts/message.ts';

export const MESSAGE: AlertMessage = {
  mood: 'warning',
  title: 'Budget platform: 84 % used',
  summary: 'Team platform has spent $840.00 of $1,000.00 (84 %) in the month 1 Nov to 30 Nov 2026.',
  facts: [
    { label: 'Who', value: 'team platform' },
    { label: 'Period', value: 'the month 1 Nov to 30 Nov 2026' },
    { label: 'Spent', value: '$840.00 (84 %)' },
    { label: 'Limit', value: '$1,000.00, of which $200.00 raised for a time' },
    { label: 'Left', value: '$160.00' },
    { label: 'Forecast', value: '$1,120.00 by the end of the period; 9 of 10 outcomes below $1,290.00' },
    { label: 'Used up on', value: 'Tue 24 Nov 2026, 15:30 (Europe/Berlin), as forecast' },
    { label: 'Threshold', value: '80 % of the amount, spent' },
  ],
  used: 0.84,
  contributors: [
    { name: 'ada.lovelace-with-a-long-name@engineering.example.com', amount: '$412.50', share: '49.1 %', change: '+120 %' },
    { name: 'grace@example.com', amount: '$251.20', share: '29.9 %', change: '−4 %' },
    { name: 'linus@example.com', amount: '$98.10', share: '11.6 %', change: 'new' },
  ],
  contributorsTitle: 'Largest contributors, and the change against the same part of the period before',
  dataAge: 'The newest record is 40 s old (Fri 20 Nov 2026, 13:00 (Europe/Berlin)).',
  links: [
    { title: 'Open the board', url: 'https://grafana.example.com/d/ledgerline-budgets?var-team=platform' },
    { title: 'What to do', url: 'https://wiki.example.com/runbooks/LedgerlineBudgetThreshold.md' },
  ],
};
