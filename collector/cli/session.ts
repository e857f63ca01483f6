/** ledgerline session: what one session cost, as the client's own /cost shows it, and how the two signals agree; without an id, a list. */
import type { Command } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { displayUsd, type PicoUsd, parseUsd } from '../core/money.ts';
import { SESSION } from '../query/session-questions.ts';
import type { SessionModel, SessionRecord } from '../query/sessions.ts';
import { writeOut } from './output.ts';
import { printView, read, readingCommand, terminalFor } from './reading-command.ts';
import { outputFormat, type ReadingOptions } from './reading-options.ts';
import { SESSION_LIST, type SessionListOptions } from './session-list.ts';
import { readRequests, requestsView } from './session-requests.ts';
import { openSource } from './source.ts';
import type { Source } from './source-contract.ts';
import { duration, printable, short, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

interface OneSessionOptions extends ReadingOptions {
  readonly requests?: boolean;
}

export function sessionCommand(terminal: Terminal): Command {
  const command = readingCommand(terminal, SESSION_LIST)
    .argument('[id]', 'session id, or its beginning; without it, a list')
    .option('--requests', 'with an id: its requests in time order, with the size of the prompt');
  return command.action((id: string | undefined, options: SessionListOptions & OneSessionOptions) =>
    id === undefined ? read(SESSION_LIST, command, terminal) : showSession(id, options, terminalFor(options, command, terminal)),
  );
}

async function showSession(id: string, options: OneSessionOptions, terminal: Terminal): Promise<void> {
  if (options.requests !== true) refuseRows(options);
  const source = await openSource(options, terminal);
  try {
    if (options.requests === true) await printRequests(source, id, options, terminal);
    else await printSession(source, id, options, terminal);
  } finally {
    await source.close();
  }
}

/** One session is no table. */
function refuseRows(options: OneSessionOptions): void {
  const asked = outputFormat(options) === 'csv' ? 'CSV' : options.fields === undefined ? undefined : '--fields';
  if (asked === undefined) return;
  throw new LedgerlineError('invalid', `One session has no rows for ${asked}.`, {
    hint: 'Add --requests for its requests, or leave out the id for a list; --json has all of one session.',
  });
}

async function printSession(source: Source, id: string, options: OneSessionOptions, terminal: Terminal): Promise<void> {
  const session = await source.ask(SESSION, new URLSearchParams(), { session: id });
  const isJson = outputFormat(options) === 'json';
  const text = isJson ? JSON.stringify(session, null, options.compact === true ? undefined : 2) : sessionLines(session).join('\n');
  writeOut(text, options.outFile, terminal);
}

async function printRequests(source: Source, id: string, options: OneSessionOptions, terminal: Terminal): Promise<void> {
  const answer = await readRequests(source, id);
  printView(requestsView(answer, terminal.now(), outputFormat(options) === 'table' && options.fields === undefined), answer, options, terminal);
}

const usd = (text: string): PicoUsd => parseUsd(text) ?? 0n;
const label = (text: string): string => text.padEnd(23);

export function sessionLines(session: SessionRecord): string[] {
  const by = session.by_model
    .filter((row) => usd(row.cost_usd) !== 0n || Object.values(row.tokens).some((tokens) => BigInt(tokens) !== 0n))
    .sort((a, b) => Number(usd(b.cost_usd) - usd(a.cost_usd)) || a.model.localeCompare(b.model));
  return [
    `${label('Session:')}${printable(session.session_id)}`,
    `${label('User, team:')}${printable(session.user)}, ${printable(session.team)}`,
    `${label('Seen:')}${session.first_seen} to ${session.last_seen} (Claude Code ${printable(session.client_version)})`,
    '',
    `${label('Total cost:')}${displayUsd(usd(session.cost_usd))}`,
    `${label('Total duration (API):')}${duration(BigInt(session.api_duration_ms))}`,
    `${label('Total duration (wall):')}${duration(session.wall_duration_ms)}`,
    `${label('Total code changes:')}${withThousands(session.lines_added)} lines added, ${withThousands(session.lines_removed)} lines removed`,
    ...sharesOf(session),
    ...alsoOf(session),
    'Usage by model:',
    ...by.map((row) => `  ${printable(row.model)}: ${usage(row.tokens)} (${displayUsd(usd(row.cost_usd))})`),
    ...difference(session),
    ...notAtListPrice(session),
    ...unreconciled(session),
    ...setAside(session),
    ...(BigInt(session.unpriced_tokens) === 0n
      ? []
      : ['', `${withThousands(session.unpriced_tokens)} tokens are from a model without a list price.`]),
  ];
}

const sharesOf = ({ shares }: SessionRecord): string[] =>
  shares.length === 0
    ? []
    : ['Cost by user:', ...shares.map(({ user, team, cost_usd }) => `  ${printable(user)}, ${printable(team)}: ${displayUsd(usd(cost_usd))}`)];

const alsoOf = ({ also }: SessionRecord): string[] =>
  also.length === 0
    ? []
    : [
        'Other sessions with this id, from other tokens:',
        ...also.map(
          ({ user, team, cost_usd, full_id }) => `  ${printable(full_id)} (${printable(user)}, ${printable(team)}): ${displayUsd(usd(cost_usd))}`,
        ),
      ];

function usage(tokens: SessionModel['tokens']): string {
  const count = (kind: keyof typeof tokens): string => short(BigInt(tokens[kind]));
  return `${count('input')} input, ${count('output')} output, ${count('cache_read')} cache read, ${count('cache_creation')} cache write`;
}

function unreconciled(session: SessionRecord): string[] {
  const amount = usd(session.cost_usd_unreconciled);
  const count = session.held_back_records;
  if (count > 0) {
    const records = count === 1 ? '1 record of this session' : `${withThousands(count)} records of this session`;
    return ['', `${records} came too late to be compared with what else it reported: ${displayUsd(amount)} is held back, and in no total.`];
  }
  return amount === 0n ? [] : ['', `${displayUsd(amount)} is held back: its session was lost on the way, and other sessions may report it too.`];
}

function setAside(session: SessionRecord): string[] {
  const amount = usd(session.cost_usd_set_aside);
  return amount === 0n ? [] : ['', `${displayUsd(amount)} is set aside: it is dated outside ingest_window, see \`ledgerline doctor\`.`];
}

/** Where something has no list price, that is what is said instead. */
function notAtListPrice(session: SessionRecord): string[] {
  const more = usd(session.cost_usd_events) - usd(session.cost_usd_list);
  if (more === 0n || BigInt(session.unpriced_tokens) !== 0n) return [];
  const words = `${displayUsd(more > 0n ? more : -more)} ${more > 0n ? 'less' : 'more'} than reported`;
  return ['', `At list price: ${displayUsd(usd(session.cost_usd_list))}, ${words}. \`--requests\` says why, request by request.`];
}

/** Said only where the two sources differ. */
function difference(session: SessionRecord): string[] {
  const missing = usd(session.cost_usd_difference);
  if (missing === 0n) return [];
  const why =
    missing > 0n
      ? 'the process ended before sending its last metrics, or only events are sent'
      : 'a request was interrupted and has no event, or only metrics are sent';
  return [
    '',
    `From events: ${displayUsd(usd(session.cost_usd_events))}; from metrics: ${displayUsd(usd(session.cost_usd_metrics))}. Likely cause: ${why}.`,
    'Booked are the events, and what the metric has beyond them.',
  ];
}
