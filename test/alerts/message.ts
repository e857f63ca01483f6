/** A message with everything in it. */
import type { AlertMessage } from '../../collector/alerts/message.ts';

export const MESSAGE: AlertMessage = {
  mood: 'warning',
  title: 'Budget platform: 84 % used',
  summary: 'Team platform has spent $840.00 of $1,000.00 (84 %) in the month 1 Nov to 30 Nov 2026.',
  facts: [
    { label: 'Scope', value: 'team platform' },
    { label: 'Period', value: 'the month 1 Nov to 30 Nov 2026' },
    { label: 'Spent', value: '$840.00 (84 %)' },
    { label: 'Budget amount', value: '$1,000.00, of which $200.00 from raises' },
    { label: 'Remaining', value: '$160.00' },
    { label: 'Forecast', value: '$1,120.00 at the end of the period (median), $1,290.00 (90th percentile)' },
    { label: 'Runs out on', value: 'Tue 24 Nov 2026, 15:30 (Europe/Berlin), as forecast' },
    { label: 'Threshold', value: '80 % of the amount, spent' },
  ],
  used: 0.84,
  contributors: [
    { name: 'ada.lovelace-with-a-long-name@engineering.example.com', amount: '$412.50', share: '49.1 %', change: '+120 %' },
    { name: 'grace@example.com', amount: '$251.20', share: '29.9 %', change: '−4 %' },
    { name: 'linus@example.com', amount: '$98.10', share: '11.6 %', change: 'new' },
  ],
  contributorsTitle: 'Largest contributors, and the change vs the same part of the previous period',
  dataAge: 'The newest record is 40 s old (Fri 20 Nov 2026, 13:00 (Europe/Berlin)).',
  links: [
    { title: 'Open the board', url: 'https://grafana.example.com/d/ledgerline-budgets?var-team=platform' },
    { title: 'Runbook', url: 'https://wiki.example.com/runbooks/LedgerlineBudgetThreshold.md' },
  ],
};
