/** Sessions: which were expensive or long, and what a session costs. */

import type { Board } from '../../collector/catalog/panel.ts';
import { SESSION_BANDS } from '../../collector/query/gauges/sessions.ts';
import { gaugeBars, gaugeStat, gaugeTable, inOrder } from '../panels/gauge.ts';
import { linesOf, perDayOf, stat } from '../panels/ledger.ts';

/** Published: background use stays under this for each session. */
const BACKGROUND_USD = 0.04;
const WHO = ['session_id', 'team', 'user', 'workspace'] as const;

export const SESSIONS: Board = {
  id: 'sessions',
  title: 'Sessions',
  description:
    'What a session costs, the longest and the most expensive ones, and what they are made of: prompts, requests, compactions and subagents.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Sessions and their cost',
      panels: [
        stat('sessions', 'range', { width: 4 }),
        stat('cost', 'range', { width: 4 }),
        stat('cost_per_session', 'range', { width: 4 }),
        stat('requests_per_session', 'range', { width: 4 }),
        stat('prompts_per_session', 'range', { width: 4 }),
        stat('tokens_per_session', 'range', { width: 4 }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        perDayOf(['sessions'], { id: 'sessions-per-day', title: 'Sessions per day', width: 12 }),
        linesOf(['cost_per_session'], { id: 'cost-per-session-per-day', title: 'Cost per session, per day', width: 12 }),
      ],
    },
    {
      title: 'Session make-up',
      panels: [stat('compactions_per_session', 'range', { width: 12 }), stat('subagents_per_session', 'range', { width: 12 })],
    },
    {
      title: 'Now: sessions of this month',
      now: true,
      panels: [
        gaugeTable(['session_cost'], { title: 'Most expensive sessions this month', by: WHO, reduce: 'max', opens: 'sessions', width: 12 }),
        gaugeTable(['session_duration'], { title: 'Longest sessions this month', by: WHO, reduce: 'max', opens: 'sessions', width: 12 }),
      ],
    },
    {
      title: 'Now: cost of sessions of this month',
      now: true,
      panels: [
        gaugeBars('sessions_by_cost', {
          title: 'Sessions this month by cost, USD',
          by: ['band'],
          each: inOrder('band', SESSION_BANDS),
          empty: 'No session this month.',
          width: 16,
        }),
        gaugeStat('background_cost_per_session', {
          title: 'Background cost per session this month',
          note: `The published figure is under ${BACKGROUND_USD} USD.`,
          thresholds: [BACKGROUND_USD, 5 * BACKGROUND_USD],
          empty: 'No session this month.',
          width: 8,
          height: 9,
        }),
      ],
    },
  ],
};
