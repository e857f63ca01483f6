/** ledgerline doctor: is telemetry arriving, from whom, how old is it, and what is wrong. */
import { Command } from 'commander';
import { describeAge } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { STATUS, type StatusAnswer, type WholeStatus } from '../query/status.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type SourceOptions, withSource } from './options.ts';
import { withProgress } from './progress.ts';
import { printView, terminalFor } from './reading-command.ts';
import { type OutputOptions, outputFormat, withOutput } from './reading-options.ts';
import { openSource } from './source.ts';
import { printable, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';
import type { Section, View, ViewColumn } from './view.ts';
import { wrapTo } from './width.ts';

interface DoctorOptions extends SourceOptions, OutputOptions {
  readonly strict?: boolean;
}

const SENDERS_SHOWN = 15;
const MARKS = { critical: ['red', '✗'], warning: ['yellow', '!'], ok: ['green', '✓'], info: ['dim', '·'] } as const;

const EXAMPLES = `
Exit code 0 if telemetry arrives, 1 if not. With --strict, also 1 for any warning. CSV and --fields are the findings.

Examples:
  ledgerline doctor
  ledgerline doctor --url http://127.0.0.1:8484 --strict
  ledgerline doctor -o csv --fields severity,message`;

export function doctorCommand(terminal: Terminal): Command {
  return withSource(
    withOutput(
      new Command('doctor').description('check whether telemetry arrives, from whom, and what is wrong').option('--strict', 'also fail on warnings'),
    ),
  )
    .addHelpText('after', EXAMPLES)
    .action((options: DoctorOptions, command: Command) => examine(options, terminalFor(options, command, terminal)));
}

async function examine(options: DoctorOptions, terminal: Terminal): Promise<void> {
  const source = await openSource(options, terminal);
  try {
    const answer = await withProgress(terminal, 'Reading', source.ask(STATUS, new URLSearchParams()));
    const status = { ...answer, findings: answer.findings && [...(await source.findings()), ...answer.findings] };
    const isTable = outputFormat(options) === 'table' && options.fields === undefined;
    printView(isTable ? viewOf(status, terminal) : { sections: [findingSection(status.findings ?? [])] }, status, options, terminal);
    if (isIll(status.findings ?? [], options.strict === true)) process.exitCode = EXIT_CONDITION;
  } finally {
    await source.close();
  }
}

/** For CSV and --fields. */
const findingSection = (findings: readonly Finding[]): Section => ({
  columns: [{ field: 'severity' }, { field: 'code' }, { field: 'message' }, { field: 'remedy' }],
  rows: findings.map(({ severity, code, message, remedy }) => ({ severity, code, message, remedy })),
});

const isIll = (findings: readonly Finding[], strict: boolean): boolean =>
  findings.some(({ severity }) => severity === 'critical' || (strict && severity === 'warning'));

/** A collector elsewhere says no more than how old its data is to those who see part of it. */
const isWhole = (status: StatusAnswer): status is WholeStatus => status.findings !== null;

function viewOf(status: StatusAnswer, terminal: Terminal): View {
  if (isWhole(status)) return wholeView(status, terminal);
  const age = status.as_of === null ? 'never' : `${describeAge(terminal.now() - Date.parse(status.as_of))} ago`;
  const lines = [`Last data: ${age}.`, 'This token sees part of the ledger. For senders and findings use one that sees everything.'];
  return { sections: [{ columns: [], rows: [], lines }] };
}

const SENDER_COLUMNS: readonly ViewColumn[] = [
  { field: 'user' },
  { field: 'team', priority: 1 },
  { field: 'client_version', title: 'client', priority: 3 },
  { field: 'sessions', priority: 2 },
  { field: 'last_seen', title: 'age', align: 'right' },
];

function wholeView(status: WholeStatus, terminal: Terminal): View {
  const age = (instant: string | null): string => (instant === null ? 'never' : describeAge(terminal.now() - Date.parse(instant)));
  const newest = [...status.senders].sort((a, b) => (b.last_seen ?? '').localeCompare(a.last_seen ?? '')).slice(0, SENDERS_SHOWN);
  const hidden = status.senders_total - newest.length;
  const last = `Last data: ${status.as_of === null ? 'never' : `${age(status.as_of)} ago`}.`;
  return {
    sections: [
      lineSection([`${last} ${withThousands(status.entries)} entries of ${withThousands(status.sessions)} sessions.`]),
      {
        columns: SENDER_COLUMNS,
        rows: newest.map(({ last_seen, ...sender }) => ({ ...sender, last_seen: age(last_seen) })),
        empty: 'Nothing was booked in the last 7 days.',
      },
      ...(hidden > 0 ? [lineSection([`and ${withThousands(hidden)} more in the last 7 days`])] : []),
      lineSection(status.findings.flatMap((finding) => findingLines(finding, terminal))),
    ],
  };
}

const lineSection = (lines: readonly string[]): Section => ({ columns: [], rows: [], lines });

function findingLines({ severity, message, remedy }: Finding, terminal: Terminal): string[] {
  const [color, mark] = MARKS[severity];
  const wrapped = (text: string): string[] => wrapTo(terminal.columns && terminal.columns - 2, printable(text));
  const [first = '', ...rest] = wrapped(message);
  return [`${paint(terminal, color, mark)} ${first}`, ...[...rest, ...(remedy === '' ? [] : wrapped(remedy))].map((line) => `  ${line}`)];
}
