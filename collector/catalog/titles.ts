/** Words that panels share: what a window is called, and how a dimension reads. */
import type { DimensionName } from './measures.ts';
import type { Window } from './panel.ts';

const WINDOWS: Readonly<Record<Window, { readonly title: string; readonly text: string }>> = {
  today: { title: 'today', text: "Since midnight, in the ledger's time zone." },
  this_week: { title: 'this week', text: "Since the week began, in the ledger's time zone." },
  this_month: { title: 'this month', text: "Since the first of the month, in the ledger's time zone." },
  last_month: { title: 'last month', text: 'The whole calendar month before this one.' },
  last_month_to_date: {
    title: 'last month to the same day',
    text: 'Last month up to the same elapsed time; a shorter month counts to its end.',
  },
  ever: { title: 'since the beginning', text: 'Everything the ledger has ever booked.' },
  range: { title: 'in the time range', text: 'In the selected time range.' },
  previous_range: {
    title: 'previous period',
    text: 'In the period before the selected time range, as far into it: the month before for a month, otherwise as many days before.',
  },
};

/** Which time a time range is compared with: PromQL knows no calendar. */
export const comparedText =
  'The built-in page compares with the previous period: the month before for a month, otherwise as many days before. Grafana compares with the time as long before.';

export const windowTitle = (window: Window): string => WINDOWS[window].title;
/** After the name of a figure; the time range goes without saying, as what a board shows unless a panel says otherwise. */
export const inWindow = (words: string, window: Window): string => (window === 'range' ? words : `${words} ${windowTitle(window)}`);
export const windowText = (window: Window): string => WINDOWS[window].text;

const DIMENSION_WORDS: Readonly<Partial<Record<DimensionName, string>>> = {
  mcp_server: 'MCP server',
  client_version: 'client version',
  entry_point: 'entry point',
  os: 'operating system',
  region: 'cloud region',
  plan: 'claude.ai plan',
  seat: 'seat type',
  job: 'CI job',
  pull_request: 'pull request',
  run: 'CI run',
  origin: 'import',
};

/** "mcp_server" reads "MCP server". */
export const dimensionWords = (name: DimensionName): string => DIMENSION_WORDS[name] ?? name.replaceAll('_', ' ');

export const kebab = (...parts: readonly string[]): string => parts.join('-').replaceAll('_', '-');
