/** Who uses it, since when, when in the week, and how. */

import type { Board } from '../../collector/catalog/panel.ts';
import { gaugeBars, gaugeHeatmap, gaugeStat, gaugeTable } from '../panels/gauge.ts';
import { activePeople, activePeoplePerDay, linesOf, stat } from '../panels/ledger.ts';

const actives = (window: 'day' | 'week' | 'month', title: string) =>
  gaugeStat('active_users', { id: `active-users-${window}`, title, where: { window }, width: 4 });

export const ADOPTION: Board = {
  id: 'adoption',
  title: 'Adoption',
  description: 'Daily, weekly and monthly active users, who is new and who lapsed, when they work, and with which client.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Users, sessions and prompts',
      panels: [activePeople('range', { width: 8 }), stat('sessions', 'range', { width: 8 }), stat('prompts', 'range', { width: 8 })],
    },
    {
      title: 'Over time',
      panels: [
        activePeoplePerDay({ width: 12 }),
        linesOf(['sessions', 'prompts'], { id: 'sessions-per-day', title: 'Sessions and prompts per day', width: 12 }),
      ],
    },
    {
      title: 'Now: users of the last 30 days',
      now: true,
      panels: [
        actives('day', 'Active in 24 hours'),
        actives('week', 'Active in 7 days'),
        actives('month', 'Active in 30 days'),
        gaugeStat('stickiness', {
          title: 'Stickiness',
          empty: 'No active users in 30 days.',
          width: 4,
        }),
        gaugeStat('new_users', { title: 'New in 30 days', width: 4 }),
        gaugeStat('lapsed_users', { title: 'Lapsed', width: 4 }),
      ],
    },
    {
      title: 'Now: hours and weekdays of the last four weeks',
      now: true,
      panels: [
        gaugeHeatmap('requests_by_hour', {
          title: 'API requests by hour and weekday',
          by: ['weekday', 'hour'],
          width: 24,
          height: 9,
        }),
      ],
    },
    {
      title: 'Now: new users and last activity',
      now: true,
      panels: [
        gaugeTable(['user_first_seen'], {
          title: 'New users',
          by: ['user', 'team'],
          reduce: 'min',
          as: 'age',
          empty: 'No new users in the last 30 days.',
          opens: 'developer',
          width: 12,
        }),
        gaugeTable(['user_last_seen'], { title: 'Last seen', by: ['user', 'team'], reduce: 'max', as: 'age', opens: 'developer', width: 12 }),
      ],
    },
    {
      title: 'Now: stickiness by team',
      now: true,
      panels: [
        gaugeBars('stickiness', {
          id: 'stickiness-by-team',
          title: 'Stickiness by team',
          by: ['team', 'organization'],
          top: 15,
          empty: 'No user was active in the last 24 hours.',
          opens: 'team',
          width: 24,
          height: 10,
        }),
      ],
    },
  ],
};
