/** What the spend bought, as far as telemetry shows, and what it cannot show. */
import type { Board } from '../../collector/catalog/panel.ts';
import { textPanel } from '../panels/gauge.ts';
import { linesOf, perDayOf, stat, table } from '../panels/ledger.ts';

const LIMITS = [
  'Lines, commits and pull requests count what went through Claude Code. Work finished by hand, reviewed, reverted or thrown away looks the same or is missing.',
  'A low cost per commit may mean small commits. A high one may mean a hard problem.',
  'Accepted edits are granted permissions, including those granted by a rule. They do not show that the code was kept.',
  'Active time ends after a short pause at the keyboard; it leaves out thinking and reading.',
  'Compare a team with itself over months. Do not rank users by these figures.',
].join('\n\n');

export const PRODUCTIVITY: Board = {
  id: 'productivity',
  title: 'Productivity',
  description: 'Lines, commits, pull requests and accepted edits next to their cost, and what these figures do not show.',
  variables: ['organization', 'team'],
  rows: [
    {
      title: 'Spend and output',
      panels: [
        stat('cost', 'range', { width: 4 }),
        stat('commits', 'range', { width: 4 }),
        stat('pull_requests', 'range', { width: 4 }),
        stat('lines_added', 'range', { width: 4 }),
        stat('lines_removed', 'range', { width: 4 }),
        stat('accept_ratio', 'range', { width: 4 }),
      ],
    },
    {
      title: 'Unit costs and ratios',
      panels: [
        stat('cost_per_commit', 'range', { width: 4 }),
        stat('cost_per_pull_request', 'range', { width: 4 }),
        stat('cost_per_line_added', 'range', { width: 4 }),
        stat('cost_per_prompt', 'range', { width: 4 }),
        stat('lines_per_million_tokens', 'range', { width: 4 }),
        stat('cli_time_ratio', 'range', { width: 4 }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        perDayOf(['lines_added', 'lines_removed'], {
          id: 'lines-per-day',
          title: 'Lines of code per day',
          empty: 'No lines were added or removed.',
          width: 8,
        }),
        linesOf(['commits', 'pull_requests'], {
          id: 'commits-per-day',
          title: 'Commits and pull requests per day',
          empty: 'No commit or pull request was made.',
          width: 8,
        }),
        perDayOf(['active_user_ms', 'active_cli_ms'], {
          id: 'active-per-day',
          title: 'Active time per day',
          empty: 'No active time was reported.',
          width: 8,
        }),
      ],
    },
    {
      title: 'Teams',
      panels: [
        table({
          id: 'teams',
          title: 'Teams',
          figures: ['cost', 'commits', 'pull_requests', 'lines_added', 'cost_per_commit', 'cost_per_pull_request', 'accept_ratio'],
          by: ['team'],
          opens: 'team',
          width: 16,
        }),
        textPanel({ id: 'limits', title: 'What these figures do not show', text: LIMITS, width: 8, height: 10 }),
      ],
    },
  ],
};
