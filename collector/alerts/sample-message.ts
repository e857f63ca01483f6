/** A message that looks like a real one, to try a channel with. It says that it is a test in its first words. */
import { boardOf, boardUrl, type LinkBases, runbookUrl } from '../catalog/alert-links.ts';
import { ALERTS } from '../catalog/alert-names.ts';
import type { AlertMessage } from './message.ts';

export function sampleMessage(links: LinkBases): AlertMessage {
  return {
    mood: 'info',
    title: 'Test: this channel works',
    summary: 'Sent by `ledgerline alerts test`. Nothing is wrong; the figures below are made up.',
    facts: [
      { label: 'Scope', value: 'team example' },
      { label: 'Period', value: 'the month 1 Nov to 30 Nov 2026' },
      { label: 'Spent', value: '$840.00 (84 %)' },
      { label: 'Budget amount', value: '$1,000.00' },
      { label: 'Remaining', value: '$160.00' },
      { label: 'Forecast', value: '$1,120.00 at the end of the period (median), $1,290.00 (90th percentile)' },
    ],
    used: 0.84,
    contributors: [
      { name: 'ada@example.com', amount: '$412.50', share: '49.1 %', change: '+120 %' },
      { name: 'grace@example.com', amount: '$251.20', share: '29.9 %', change: '−4 %' },
      { name: 'linus@example.com', amount: '$98.10', share: '11.6 %', change: 'new' },
    ],
    contributorsTitle: 'Largest contributors, and the change vs the same part of the previous period',
    dataAge: 'The newest record would be 40 s old.',
    links: [
      { title: 'Open the board', url: boardUrl(boardOf(ALERTS.budgetThreshold), '', links) },
      { title: 'What to do', url: runbookUrl(ALERTS.budgetThreshold, links) },
    ],
  };
}
