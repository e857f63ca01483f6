/** ledgerline doctor: is telemetry arriving, from whom, how old is it, and what is wrong. */
import { Command, Option } from 'commander';
import { describeAge } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { STATUS, type StatusAnswer, type WholeStatus } from '../query/status.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { type SourceOptions, withSource } from './options.ts';
import { withProgress } from './progress.ts';
import { type OutputOptions, outputFormat } from './reading-options.ts';
import { openSource } from './source.ts';
import { printable, table, withThousands } from './table.ts';
import { paint, type Terminal } from './terminal.ts';

interface DoctorOptions extends SourceOptions, Pick<OutputOptions, 'output' | 'json'> {
  readonly strict?: boolean;
}

const SENDERS_SHOWN = 15;
const MARKS = { critical: ['red', '✗'], warning: ['yellow', '!'], ok: ['green', '✓'], info: ['dim', '·'] } as const;

const EXAMPLES = `
Exit code 0 if telemetry arrives, 1 if not. With --strict, also 1 for any warning.

Examples:
  ledgerline doctor
  ledgerline doctor --url http://127.0.0.1:8484 --strict`;

export function doctorCommand(terminal: Terminal): Command {
  return withSource(new Command('doctor').description('check whether telemetry arrives, from whom, and what is wrong'))
    .option('--strict', 'also fail on warnings')
    .addOption(new Option('-o, --output <format>', 'how the answer is printed, a table unless given').choices(['table', 'json']))
    .option('-j, --json', 'the same as -o json')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorOptions) => {
      const source = await openSource(options, terminal);
      try {
        const answer = await withProgress(terminal, 'Reading', source.ask(STATUS, new URLSearchParams()));
        const status = { ...answer, findings: answer.findings && [...source.findings(), ...answer.findings] };
        if (outputFormat(options) === 'json') terminal.out(JSON.stringify(status, null, 2));
        else for (const line of linesOf(status, terminal)) terminal.out(line);
        if (isIll(status.findings ?? [], options.strict === true)) process.exitCode = EXIT_CONDITION;
      } finally {
        await source.close();
      }
    });
}

const isIll = (findings: readonly Finding[], strict: boolean): boolean =>
  findings.some(({ severity }) => severity === 'critical' || (strict && severity === 'warning'));

/** A collector elsewhere says no more than how old its data is to those who see part of it. */
const isWhole = (status: StatusAnswer): status is WholeStatus => status.findings !== null;

function linesOf(status: StatusAnswer, terminal: Terminal): string[] {
  if (isWhole(status)) return doctorLines(status, terminal);
  const age = status.as_of === null ? 'never' : `${describeAge(terminal.now() - Date.parse(status.as_of))} ago`;
  return [`Last data: ${age}.`, 'This token sees part of the ledger. For senders and findings use one that sees everything.'];
}

export function doctorLines(status: WholeStatus, terminal: Terminal): string[] {
  const age = (instant: string | null): string => (instant === null ? 'never' : describeAge(terminal.now() - Date.parse(instant)));
  const newest = [...status.senders].sort((a, b) => (b.last_seen ?? '').localeCompare(a.last_seen ?? '')).slice(0, SENDERS_SHOWN);
  const rows = newest.map((sender) => [
    printable(sender.user),
    printable(sender.team),
    printable(sender.client_version),
    withThousands(sender.sessions),
    age(sender.last_seen),
  ]);
  const columns = (['user', 'team', 'client', 'sessions', 'age'] as const).map(
    (title, index) => ({ title, align: index < 3 ? 'left' : 'right' }) as const,
  );
  const hidden = status.senders_total - newest.length;
  return [
    `Last data: ${status.as_of === null ? 'never' : `${age(status.as_of)} ago`}. ${withThousands(status.entries)} entries of ${withThousands(status.sessions)} sessions.`,
    '',
    ...(rows.length === 0 ? ['Nothing was booked in the last 7 days.'] : table(terminal, columns, rows)),
    ...(hidden > 0 ? [`and ${withThousands(hidden)} more in the last 7 days`] : []),
    '',
    ...status.findings.flatMap((finding) => findingLines(finding, terminal)),
  ];
}

function findingLines({ severity, message, remedy }: Finding, terminal: Terminal): string[] {
  const [color, mark] = MARKS[severity];
  return [`${paint(terminal, color, mark)} ${printable(message)}`, ...(remedy === '' ? [] : [`  ${printable(remedy)}`])];
}
