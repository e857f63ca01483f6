/** ledgerline directory check: spend without a team and why, and what in the directory needs a hand. */
import type { Command } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { parseUsd } from '../core/money.ts';
import { DIRECTORY_CHECK, type DirectoryCheckAnswer } from '../query/directory-check.ts';
import { EXIT_CONDITION, EXIT_OK } from './exit-codes.ts';
import { ageNote, readingCommand } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { percentText, printable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { type Section, showField, type View } from './view.ts';

interface CheckOptions extends ReadingOptions {
  readonly maxUnallocated: string;
  readonly limit?: string;
}

const EXAMPLES = `
The exit code is 1 when more is spent without a team than --max-unallocated allows: an amount in US dollars, or a share of all spend.
See docs/directory.md.

Examples:
  ledgerline directory check
  ledgerline directory check --period last-month --max-unallocated 2%
  ledgerline directory check --max-unallocated 100 -j`;

export const directoryCheckCommand = (terminal: Terminal): Command =>
  readingCommand<CheckOptions, unknown, DirectoryCheckAnswer>(terminal, {
    name: 'check',
    description: 'spend without a team and why; users of several teams, feeds that disagree, rules in vain',
    examples: EXAMPLES,
    question: DIRECTORY_CHECK,
    period: 'this_month',
    shared: { where: false },
    options: (command) =>
      command
        .option('--max-unallocated <amount>', 'spend without a team that is accepted: US dollars, or a share such as 2%', '0')
        .option('--limit <n>', 'rows of each list (default: 20)'),
    parameters: ({ options, parameters }) => {
      isAbove('0', '0', options.maxUnallocated);
      if (options.limit !== undefined) parameters.set('limit', options.limit);
    },
    view: (answer, { nowMs }) => checkView(answer, nowMs),
    exitCode: (answer, { maxUnallocated }) => (isAbove(answer.unallocated_usd, answer.cost_usd, maxUnallocated) ? EXIT_CONDITION : EXIT_OK),
  });

/** Throws `invalid` for a limit that is neither an amount nor a share. */
function isAbove(unallocated: string, cost: string, limit: string): boolean {
  const [spent = 0n, whole = 0n] = [parseUsd(unallocated), parseUsd(cost)];
  const share = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(limit)?.[1];
  if (share !== undefined) return spent * 1_000_000n > whole * BigInt(Math.round(Number(share) * 10_000));
  const amount = /^\d+(\.\d+)?$/.test(limit) ? parseUsd(limit) : undefined;
  if (amount !== undefined) return spent > amount;
  throw new LedgerlineError('invalid', `--max-unallocated ${limit} is neither an amount nor a share.`, { hint: 'Write 100 for US dollars, or 2%.' });
}

function checkView(answer: DirectoryCheckAnswer, nowMs: number): View {
  const { cost_usd, unallocated_usd, unallocated_share, range, reasons } = answer;
  const share = unallocated_share === null ? '' : `, ${percentText(unallocated_share)}`;
  return {
    headline: `${showField('cost_usd', unallocated_usd)} of ${showField('cost_usd', cost_usd)} is without a team${share}: ${range.words}`,
    sections: [
      {
        columns: [
          { field: 'reason' },
          { field: 'cost_usd' },
          { field: 'share', show: (value) => showField('cache_hit_ratio', value) },
          { field: 'requests', priority: 2 },
        ],
        rows: reasons.map(({ reason, cost_usd: cost, share: part, requests }) => ({ reason, cost_usd: cost, share: part, requests })),
        empty: 'All spend has a team.',
      },
      ...reasons.map(reasonSection),
      ...listSections(answer),
    ],
    notes: [ageNote(answer, nowMs)],
  };
}

function reasonSection({ reason, message, remedy, names }: DirectoryCheckAnswer['reasons'][number]): Section {
  const shown = names.rows.map(({ name, cost_usd }) => `- ${printable(name)}: ${showField('cost_usd', cost_usd)}`);
  return { title: reason, columns: [], rows: [], lines: [`${message}${remedy === '' ? '' : ` ${remedy}`}`, ...shown, ...more(names)] };
}

const more = ({ count, rows }: { readonly count: number; readonly rows: readonly unknown[] }): string[] =>
  count > rows.length ? [`- and ${count - rows.length} more`] : [];

function listSections(answer: DirectoryCheckAnswer): Section[] {
  const { merges, suggested_merges: suggested, tokens_without_team: tokens, overlaps, conflicts, dead_rules: dead, silent } = answer;
  const list = (title: string, count: number, lines: readonly string[], rest: readonly string[] = []): Section[] =>
    count === 0 ? [] : [{ title: `${title}: ${count}`, columns: [], rows: [], lines: [...lines.map((line) => `- ${printable(line)}`), ...rest] }];
  return [
    ...list(
      'Names that are aliases now',
      merges.count,
      merges.rows.map(({ name, user }) => `${name} is ${user}`),
      more(merges),
    ),
    ...list(
      'Names that are most likely one user: merge them',
      suggested.count,
      suggested.rows.map(({ name, user, sessions }) => `${name} and ${user} (sessions of both: ${sessions})`),
      more(suggested),
    ),
    ...list('Tokens without a team', tokens.length, tokens),
    ...list(
      'Users of several teams',
      overlaps.count,
      overlaps.rows.map(({ user, team, others, reason }) => `${user}: ${team} owns (${reason}), also ${others.join(', ')}`),
      more(overlaps),
    ),
    ...list(
      'Feeds that disagree',
      conflicts.count,
      conflicts.rows.map(({ user, field, values }) => `${user}, ${field}: ${values.map(({ feed, value }) => `${value} (${feed})`).join(', ')}`),
      more(conflicts),
    ),
    ...list(
      'Rules that match nothing',
      dead.count,
      dead.rows.map(({ feed, section, pattern }) => `${pattern} (${section} of ${feed})`),
      more(dead),
    ),
    ...list('Users who never sent anything', silent.count, silent.rows, more(silent)),
  ];
}
