/** ledgerline debug: why a time, or a session, was expensive. */
import { Argument, type Command } from 'commander';
import { type CostFinding, EXPLAIN, type ExplainAnswer } from '../query/explain.ts';
import { ageNote, readingCommand, type ViewContext } from './reading-command.ts';
import type { ReadingOptions } from './reading-options.ts';
import { printable } from './table.ts';
import { type Section, showField, type View } from './view.ts';

const EXAMPLES = `
What stands out against the 14 days before, with how much of the cost it explains at most. Findings overlap, so they are not to be added up.

Examples:
  ledgerline debug                                         the last 24 hours
  ledgerline debug --period yesterday --where team:search  one team, yesterday
  ledgerline debug --last 7                                the last seven days
  ledgerline debug 3f0e8a52-91ab-4c2e-a1d0-5d9c6b1f2a34    one session, against the others of its team
  ledgerline debug -o json | jq '.findings[0]'`;

const EVIDENCE_SHOWN = 3;

export const debugCommand = (terminal: Parameters<typeof readingCommand>[0]): Command =>
  readingCommand<ReadingOptions, unknown, ExplainAnswer>(terminal, {
    name: 'debug',
    description: 'explain why a time range, or a session, was expensive',
    examples: EXAMPLES,
    question: EXPLAIN,
    options: (command) => command.addArgument(new Argument('[session]', 'id of a session, instead of a time range')),
    parameters: ({ words: [session], parameters }) => {
      if (session !== undefined) parameters.set('session', session);
    },
    view: debugView,
  });

function debugView(answer: ExplainAnswer, { nowMs }: ViewContext<ReadingOptions>): View {
  const { findings } = answer;
  const advised = new Set<string>();
  return {
    headline: printable(answer.headline),
    sections: [
      overview(findings),
      ...findings.map((finding) => details(finding, advised)),
      ...(answer.savings === null || answer.savings.advice.length === 0 ? [] : [savingsSection(answer.savings)]),
    ],
    notes: [...completeness(answer), ageNote(answer, nowMs, rangeWords(answer))],
  };
}

const nameOf = ({ code }: Pick<CostFinding, 'code'>): string => code.replaceAll('_', ' ');

const overview = (findings: readonly CostFinding[]): Section => ({
  columns: [
    { field: 'finding', title: 'what stands out', show: (_, row) => String(row.finding).replaceAll('_', ' ') },
    {
      field: 'explains_usd',
      title: 'explains up to',
      show: (value, row) => `${row.estimated === true ? '≈ ' : ''}${showField('explains_usd', value)}`,
    },
    { field: 'share', title: 'share', align: 'right', show: (value) => (Number(value) === 0 ? '' : `${Math.round(Number(value) * 100)} %`) },
    { field: 'severity', priority: 2 },
    { field: 'estimated', priority: 1, show: (value) => (value === true ? 'estimated' : 'exact') },
  ],
  rows: findings.map(({ code, explains_usd, share, severity, estimated }) => ({ finding: code, explains_usd, share, severity, estimated })),
  empty: 'Looked for: large sessions and prompts, long conversations, more requests, cache misses, other models and versions, failures.',
});

/** Advice that several findings give is printed with the first. */
function details(finding: CostFinding, advised: Set<string>): Section {
  const { title, evidence, advice } = finding;
  const fresh = advice.filter(({ text }) => !advised.has(text));
  for (const { text } of fresh) advised.add(text);
  const name = nameOf(finding);
  return {
    title: `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
    columns: [],
    rows: [],
    lines: [
      printable(title),
      ...evidence.slice(0, EVIDENCE_SHOWN).map(({ text }) => `  - ${printable(text)}`),
      ...(evidence.length > EVIDENCE_SHOWN ? ['  - and others: -o json'] : []),
      ...fresh.map(({ text }) => `  → ${text}`),
    ],
  };
}

type Advised = NonNullable<ExplainAnswer['savings']>;

const savingsSection = ({ saved_usd, advice, note }: Advised): Section => ({
  title: `Would have saved${saved_usd === null ? '' : ` up to ${showField('saved_usd', saved_usd)}`}`,
  columns: [],
  rows: [],
  lines: [...advice.flatMap(adviceLines), ...(note === null ? [] : [note])],
});

function adviceLines({ title, saved_usd, how, advice, evidence, unknown }: Advised['advice'][number]): readonly string[] {
  const amount = saved_usd === null ? 'an amount that is not known' : showField('saved_usd', saved_usd);
  return [
    `${title}: ${amount}.`,
    ...evidence
      .slice(0, EVIDENCE_SHOWN)
      .map(({ session_id, user, text }) => `  - ${printable(session_id)} of ${printable(user)}: ${printable(text)}`),
    ...(evidence.length > EVIDENCE_SHOWN ? ['  - and others: -o json'] : []),
    ...unknown.map(({ requests, reason }) => `  - without ${requests} ${requests === 1 ? 'request' : 'requests'}: ${reason}`),
    `  - computed: ${how}`,
    `  → ${advice}`,
  ];
}

const INCOMPLETE = 'A session was too long to be read, or records were removed because of their age: something may be missing.';

function completeness({ overlap, looked_into: { sessions, share }, session, is_complete }: ExplainAnswer): string[] {
  const which = sessions === 1 ? 'The largest session was' : `The ${sessions} largest sessions were`;
  const looked = session === null && sessions > 0 ? [`${which} looked into request by request: ${Math.round(share * 100)} % of the cost.`] : [];
  return [...(overlap === null ? [] : [overlap]), ...looked, ...(is_complete ? [] : [INCOMPLETE])];
}

function rangeWords({ from, to, time_zone, session }: ExplainAnswer): string {
  if (session !== null) return `Session of ${printable(session.user)}, from ${session.first_seen} to ${session.last_seen}.`;
  const local = (instant: string): string =>
    Temporal.Instant.from(instant).toZonedDateTimeISO(time_zone).toPlainDateTime().toString({ smallestUnit: 'minute' }).replace('T', ' ');
  return `From ${from === null ? 'the beginning' : local(from)} to ${to === null ? 'now' : local(to)} (${time_zone}).`;
}
