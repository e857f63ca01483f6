/** A comment on a pull request: what it cost, in Markdown. Names are code, so that none of them mentions anybody or becomes a heading. */

import { displayUsd, parseUsd } from '../core/money.ts';
import { oneLine } from '../core/visible.ts';
import type { JobCostAnswer } from '../query/job-cost.ts';
import { withThousands } from './table.ts';

const NAME_MAX = 80;
const ROWS_MAX = 8;

const SUBJECT = { run: 'run', branch: 'branch', pull_request: 'pull request' } as const;
const OTHERS = {
  runs: (count: number, base: string) => `${count} ${count === 1 ? 'run' : 'runs'} on ${code(base)}`,
  branches: (count: number) => `${count} other ${count === 1 ? 'branch' : 'branches'}`,
  pull_requests: (count: number) => `${count} other pull ${count === 1 ? 'request' : 'requests'}`,
} as const;

/** By it a job finds the comment that it wrote before. An address's encoding has nothing that ends an HTML comment. */
const markerOf = ({ repository, about, value }: Pick<JobCostAnswer, 'repository' | 'about' | 'value'>): string =>
  `<!-- ledgerline:${[repository, about, value].map(encodeURIComponent).join(':')} -->`;

export function prComment(answer: JobCostAnswer, base: string): string {
  const { usage, budget, about, value, repository } = answer;
  const subject = `${SUBJECT[about]} ${code(value)} of ${code(repository)}`;
  const parts =
    usage === null
      ? [
          `### Claude Code: no figures yet`,
          `There is no record of the ${subject} in the last 90 days. Telemetry arrives up to a minute after a job has ended.`,
        ]
      : [`### Claude Code: ${usd(usage.cost_usd)}`, `The ${subject}: ${usageText(usage)}.`, comparedText(answer, base), ...tables(answer)];
  return [markerOf(answer), ...parts, budget === null ? undefined : budgetText(budget), footer(answer)]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

type Usage = NonNullable<JobCostAnswer['usage']>;

function usageText({ sessions, requests, tokens, cache_hit_ratio: cached }: Usage): string {
  const share = cached === null ? [] : [`${percent(cached)} of the input read from the cache`];
  return [counted(sessions, 'session'), counted(requests, 'request'), counted(tokens, 'token'), ...share].join(', ');
}

function comparedText({ compared }: JobCostAnswer, base: string): string | undefined {
  if (compared === null) return undefined;
  const { with: others, count, median_usd: median, change_usd: change, change_ratio: ratio } = compared;
  const more = change.startsWith('-') ? 'less' : 'more';
  const by = ratio === null ? usd(change.replace('-', '')) : percent(Math.abs(ratio));
  const sentence = Number(change) === 0 ? 'As much as' : `${by} ${more} than`;
  return `${sentence} the median of ${OTHERS[others](count, base)} in the last 90 days, ${usd(median)}.`;
}

function tables({ models, jobs }: JobCostAnswer): string[] {
  return [table('Model', models), ...(jobs.length > 1 ? [table('Job', jobs)] : [])];
}

function table(title: string, rows: JobCostAnswer['models']): string {
  const lines = rows
    .slice(0, ROWS_MAX)
    .map((row) => `| ${code(row.name)} | ${usd(row.cost_usd)} | ${amount(row.requests)} | ${amount(row.tokens)} |`);
  const more = rows.length > ROWS_MAX ? [`| ${rows.length - ROWS_MAX} more | | | |`] : [];
  return [`| ${title} | Cost | Requests | Tokens |`, '| --- | ---: | ---: | ---: |', ...lines, ...more].join('\n');
}

function budgetText({ key, unit, spent, limit, remaining, period_end: end, time_zone: zone, stopped }: NonNullable<JobCostAnswer['budget']>): string {
  const show = (value: string | number): string => (unit === 'usd' ? usd(String(value)) : `${amount(value)} tokens`);
  const isOver = String(remaining).startsWith('-');
  const left = isOver ? `${show(String(remaining).replace('-', ''))} over` : `${show(remaining)} left`;
  const until = Temporal.Instant.from(end).toZonedDateTimeISO(zone).toPlainDate();
  return `Budget ${code(key)}: ${show(spent)} of ${show(limit)} spent, **${left}** until ${until}.${stopped ? ' It is used up, and stops these jobs.' : ''}`;
}

function footer({ board, as_of: asOf }: JobCostAnswer): string {
  const link = board === null ? [] : [`[Board](${board})`];
  const age = asOf === null ? 'the ledger is empty' : `as of ${asOf.slice(0, 16).replace('T', ' ')} UTC`;
  return `<sub>${[...link, 'estimated by the client', age].join(' · ')}</sub>`;
}

const usd = (text: string): string => displayUsd(parseUsd(text) ?? 0n);
const amount = (value: string | number): string => withThousands(value);
const counted = (value: string | number, noun: string): string => `${amount(value)} ${noun}${String(value) === '1' ? '' : 's'}`;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(Math.abs(ratio) < 0.1 ? 1 : 0)} %`;

/** A span of code holds any text: its fence is longer than what is in it, and a table splits at bars even there. */
function code(text: string): string {
  const line = oneLine(text).trim();
  const short = line.length > NAME_MAX ? `${line.slice(0, NAME_MAX - 1).toWellFormed()}…` : line;
  const fence = '`'.repeat(Math.max(0, ...[...short.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const space = short.startsWith('`') || short.endsWith('`') || short === '' ? ' ' : '';
  return `${fence}${space}${short.replaceAll('|', '\\|')}${space}${fence}`;
}
