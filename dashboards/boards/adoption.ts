/** Who uses it, since when, when in the week, and how. */

import type { Board } from '../../collector/catalog/panel.ts';
import { ALL_TEAMS } from '../../collector/query/gauges/gauge.ts';
import { gaugeBars, gaugeHeatmap, gaugeStat, gaugeTable } from '../panels/gauge.ts';
import { activePeoplePerDay, bars, linesOf, stat } from '../panels/ledger.ts';

const actives = (window: 'day' | 'week' | 'month', title: string) =>
  gaugeStat('active_users', { id: `active-users-${window}`, title, where: { window }, width: 3 });

export const ADOPTION: Board = {
  id: 'adoption',
  title: 'Adoption',
  description: 'Daily, weekly and monthly active users, who is new and who lapsed, when they work, and with which client.',
  rows: [
    {
      title: 'Users',
      panels: [
        actives('day', 'Active in 24 hours'),
        actives('week', 'Active in 7 days'),
        actives('month', 'Active in 30 days'),
        gaugeStat('stickiness', {
          title: 'Stickiness',
          where: { team: ALL_TEAMS },
          reduce: 'max',
          empty: 'No active users in 30 days. For one team, see the panel by team.',
          width: 3,
        }),
        gaugeStat('new_users', { title: 'New in 30 days', width: 3 }),
        gaugeStat('lapsed_users', { title: 'Lapsed', width: 3 }),
        stat('sessions', 'range', { width: 3 }),
        stat('prompts', 'range', { width: 3 }),
      ],
    },
    {
      title: 'Over time and by team',
      panels: [
        activePeoplePerDay({ width: 8 }),
        linesOf(['sessions', 'prompts'], { id: 'sessions-per-day', title: 'Sessions and prompts per day', width: 8 }),
        gaugeBars('stickiness', {
          id: 'stickiness-by-team',
          title: 'Stickiness by team',
          by: ['team'],
          reduce: 'max',
          top: 15,
          opens: 'team',
          width: 8,
        }),
      ],
    },
    {
      title: 'By hour and weekday',
      panels: [
        gaugeHeatmap('requests_by_hour', {
          title: 'API requests by hour and weekday, last four weeks',
          by: ['weekday', 'hour'],
          width: 24,
          height: 9,
        }),
      ],
    },
    {
      title: 'New users and last activity',
      panels: [
        gaugeTable(['user_first_seen'], {
          title: 'New users',
          by: ['user', 'team'],
          reduce: 'min',
          as: 'age',
          empty: 'No new users.',
          opens: 'developer',
          width: 12,
        }),
        gaugeTable(['user_last_seen'], { title: 'Last seen', by: ['user', 'team'], reduce: 'max', as: 'age', opens: 'developer', width: 12 }),
      ],
    },
    {
      title: 'Clients',
      panels: [
        bars({ figure: 'sessions', by: 'client_version', opens: 'clients', width: 5 }),
        bars({ figure: 'sessions', by: 'terminal', width: 5 }),
        bars({ figure: 'sessions', by: 'os', width: 4 }),
        bars({ figure: 'sessions', by: 'entry_point', note: 'cli and editors are interactive; sdk entry points are programs and CI.', width: 5 }),
        bars({ by: 'entry_point', note: 'Interactive versus automated usage.', width: 5 }),
      ],
    },
  ],
};
