/** Which days of which source there are, when they were imported, and what is wrong. */
import { describeAge, HOUR_MS } from '../core/duration.ts';
import { type ImportState, importStates, nameOf } from '../imports/findings.ts';
import type { ImportRun, StatementDay } from '../imports/statements.ts';
import { addedTotals, NOTHING } from '../imports/totals.ts';
import { readStatements } from '../storage/open.ts';
import { EXIT_CONDITION } from './exit-codes.ts';
import { totalsJson } from './import-summary.ts';
import { wrapped } from './limits-lines.ts';
import { type LedgerOptions, settings } from './options.ts';
import { printable, table, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

const COLUMNS = [
  { title: 'source', align: 'left', cut: 'never' },
  { title: 'days', align: 'right' },
  { title: 'from', align: 'left', cut: 'never', priority: 2 },
  { title: 'to', align: 'left', cut: 'never' },
  { title: 'complete', align: 'right', priority: 3 },
  { title: 'lines', align: 'right', priority: 4 },
  { title: 'last import', align: 'left', priority: 1 },
] as const;

/** Ends with 1 where something is wrong. */
export async function showImports(options: LedgerOptions & { readonly output?: 'table' | 'json' }, terminal: Terminal): Promise<void> {
  const config = settings(options, terminal);
  const reader = await readStatements(config);
  try {
    const states = await importStates(reader, config.imports, terminal.now());
    if (options.output === 'json') terminal.out(JSON.stringify(states.map(stateJson), null, 2));
    else for (const line of linesOf(states, terminal)) terminal.out(line);
    if (states.some(({ findings }) => findings.length > 0)) process.exitCode = EXIT_CONDITION;
  } finally {
    await reader.close();
  }
}

function linesOf(states: readonly ImportState[], terminal: Terminal): readonly string[] {
  if (states.length === 0) return wrapped('Nothing was imported yet. `ledgerline import --help` lists the sources.', terminal);
  const findings = states.flatMap((state) => state.findings).map(({ message, remedy }) => `${message} ${remedy}`);
  return [
    ...table(
      terminal,
      COLUMNS,
      states.map((state) => cellsOf(state, terminal.now())),
    ),
    ...findings.flatMap((finding) => wrapped(printable(finding), terminal)),
  ];
}

const complete = (days: readonly StatementDay[]): number => days.filter(({ isComplete }) => isComplete).length;
const lineCount = (days: readonly StatementDay[]): number => days.reduce((sum, { lines }) => sum + lines, 0);

function cellsOf({ origin: { source, account }, days, run }: ImportState, nowMs: number): readonly string[] {
  const name = printable(account === '' ? source : `${source} (${account})`);
  const last = run === undefined ? 'never' : `${describeAge(nowMs - run.startedMs)} ago, ${outcomeOf(run, nowMs)}`;
  return [name, String(days.length), days[0]?.day ?? '', days.at(-1)?.day ?? '', String(complete(days)), withThousands(lineCount(days)), last];
}

/** One that never ended was killed. */
const outcomeOf = ({ outcome, startedMs }: ImportRun, nowMs: number): string =>
  outcome === 'running' && nowMs - startedMs > HOUR_MS ? 'killed' : outcome;

const instant = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const stateJson = ({ origin, isConfigured, days, missing, run, findings }: ImportState): object => ({
  ...{ name: nameOf(origin), source: origin.source, account: origin.account, configured: isConfigured },
  days: {
    ...{ first: days[0]?.day ?? null, last: days.at(-1)?.day ?? null, count: days.length, complete: complete(days), missing, lines: lineCount(days) },
    totals: totalsJson(days.reduce((sum, { totals }) => addedTotals(sum, totals), NOTHING)),
  },
  last_run:
    run === undefined
      ? null
      : {
          ...{ started_at: instant(run.startedMs), ended_at: instant(run.endedMs), outcome: run.outcome },
          ...{ days: run.days, revised: run.revised, lines: run.lines, remarks: run.remarks },
        },
  findings,
});
