/** ledgerline import transcripts: what Claude Code wrote down on this machine, as far as telemetry does not have it. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { Command, Option } from 'commander';
import { PORTS } from '../catalog/names.ts';
import { isDay, startOfDay } from '../core/day.ts';
import { DAY_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import type { CollectedRequest } from '../imports/transcripts/collect.ts';
import { createRepositories } from '../imports/transcripts/repository.ts';
import { transcriptRoots } from '../imports/transcripts/roots.ts';
import { type Scan, scanTranscripts } from '../imports/transcripts/scan.ts';
import { NOTHING_SENT, sendRequests } from '../imports/transcripts/send.ts';
import { ImportState, statePath } from '../imports/transcripts/state.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';
import { foundJson, foundLines, sentJson, sentLines } from './import-lines.ts';
import { readToken } from './source.ts';
import type { Terminal } from './terminal.ts';

interface ImportOptions {
  readonly since?: string;
  readonly until?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly user?: string;
  readonly state?: string;
  readonly again?: boolean;
  readonly dryRun?: boolean;
  readonly output?: 'table' | 'json';
}

const HELP = `
Run it where the transcripts lie: on the machine of a user, or where their folders are kept. Without a path it reads CLAUDE_CONFIG_DIR, else
~/.config/claude/projects and ~/.claude/projects. Nothing of their content leaves the machine: only what an api_request event says.

A request that telemetry has, too, counts once, whichever comes first. Use the token that the client sends its telemetry with: records of
tokens that name different owners never meet. What was sent is noted, so that the next import sends what is new. See docs/imports.md.

Examples:
  ledgerline import transcripts --dry-run
  ledgerline import transcripts --token-file ~/.config/ledgerline/token
  ledgerline import transcripts /srv/homes/alice/.claude/projects --user alice@example.com --since 2026-11-01`;

export const importTranscriptsCommand = (terminal: Terminal): Command =>
  new Command('transcripts')
    .description('requests that Claude Code wrote down in its transcripts')
    .argument('[paths...]', 'transcripts, or folders with them')
    .option('--since <day>', 'only requests of this day (UTC) and later')
    .option('--until <day>', 'only requests up to this day, inclusive')
    .option('--url <url>', `where the collector takes telemetry over HTTP (default: http://127.0.0.1:${PORTS.otlpHttp})`)
    .option('--token-file <file>', 'file with the token for the collector (default: LEDGERLINE_TOKEN_FILE)')
    .option('--user <email>', 'user of these transcripts, where the token names none')
    .option('--state <file>', 'where to note what was sent')
    .option('--again', 'send also what was sent before: it counts once')
    .option('--dry-run', 'only say what is there')
    .addOption(new Option('-o, --output <format>', 'how the answer is printed').choices(['table', 'json']).default('table'))
    .addHelpText('after', HELP)
    .action((paths: readonly string[], options: ImportOptions) => importTranscripts(paths, options, terminal));

async function importTranscripts(paths: readonly string[], options: ImportOptions, terminal: Terminal): Promise<void> {
  const { url = `http://127.0.0.1:${PORTS.otlpHttp}` } = options;
  requireAddress(url);
  requirePaths(paths);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    const state = openState(url, options, terminal);
    const scan = await scanTranscripts({
      ...{ paths: paths.length > 0 ? paths : rootsOf(terminal), areUsual: paths.length === 0, nowMs: terminal.now(), signal: stop.signal },
      ...{ fromMs: dayOption(options.since, '--since'), toMs: dayOption(options.until, '--until', DAY_MS) },
      ...(options.dryRun !== true && { isKnown: (file) => state.knows(file) }),
      progress: (files, of) => terminal.status?.(`Reading transcripts, ${files} of ${of} …`),
    });
    terminal.status?.('');
    if (options.dryRun === true) print(terminal, options, foundJson(scan), foundLines(scan, terminal));
    else await send(scan, state, url, options, terminal, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error instanceof LedgerlineError) throw error;
    terminal.err('Interrupted before anything was sent.');
    process.exitCode = EXIT_INTERRUPTED;
  } finally {
    process.removeListener('SIGINT', interrupt);
    terminal.status?.('');
  }
}

const homeOf = ({ env }: Terminal): string => env.HOME || homedir();
const rootsOf = (terminal: Terminal): readonly string[] => transcriptRoots(terminal.env, homeOf(terminal));

function openState(url: string, { state, again }: ImportOptions, terminal: Terminal): ImportState {
  const file = state ?? statePath(url, terminal.env, homeOf(terminal));
  return again === true ? ImportState.empty(file) : ImportState.open(file);
}

async function send(scan: Scan, state: ImportState, url: string, options: ImportOptions, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const tokenFile = options.tokenFile ?? terminal.env.LEDGERLINE_TOKEN_FILE;
  const token = tokenFile === undefined ? undefined : readToken(tokenFile);
  const fresh = scan.requests.filter((request) => !state.hasSent(request));
  const wire = { user: options.user, repositoryOf: createRepositories() };
  let answered = 0;
  const note = async (sent: readonly CollectedRequest[]): Promise<void> => {
    answered += sent.length;
    terminal.status?.(`Sending requests, ${answered} of ${fresh.length} …`);
    state.note(sent);
    await state.save();
  };
  const answer = fresh.length === 0 ? NOTHING_SENT : await sendRequests(fresh, { url, token, signal }, wire, note);
  const isWhole = answered === fresh.length;
  if (isWhole && scan.settled.length > 0) {
    state.noteFiles(scan.settled);
    await state.save();
  }
  terminal.status?.('');
  const outcome = { scan, answer, sent: answered, sentBefore: scan.requests.length - fresh.length, left: fresh.length - answered };
  print(terminal, options, sentJson(outcome), sentLines(outcome, terminal));
  if (!isWhole) process.exitCode = EXIT_INTERRUPTED;
}

function print(terminal: Terminal, { output }: ImportOptions, json: object, lines: readonly string[]): void {
  terminal.out(output === 'json' ? JSON.stringify(json, null, 2) : lines.join('\n'));
}

function dayOption(text: string | undefined, option: string, plusMs = 0): number | undefined {
  if (text === undefined) return undefined;
  if (!isDay(text)) throw new LedgerlineError('invalid', `${option} ${text.slice(0, 40)} is no day.`, { hint: 'Write it as 2026-11-01.' });
  return startOfDay(text) + plusMs;
}

/** Usual places may be missing; one that somebody names is most likely misspelled. */
function requirePaths(paths: readonly string[]): void {
  const missing = paths.find((path) => !existsSync(path));
  if (missing === undefined) return;
  throw new LedgerlineError('not_found', `There is nothing at ${missing}.`, { hint: 'Check the path, and that you may read its folder.' });
}

function requireAddress(text: string): void {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return;
  throw new LedgerlineError('invalid', `--url ${text.slice(0, 80)} is no address without credentials.`, {
    hint: 'Write it as https://ledgerline.example.com:4318, and name a file with the token in --token-file.',
  });
}
