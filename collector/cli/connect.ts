/** ledgerline connect: sets up a client of a collector, shows what it changes, takes it out again, and proves that an export arrives. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import { addressesOf } from './connect/addresses.ts';
import { apply } from './connect/changes.ts';
import { diffOf } from './connect/diff.ts';
import { SCOPES, type Scope, settingsFile } from './connect/places.ts';
import { type Connection, PARTS, type Part, planOf } from './connect/wanted.ts';
import { type Prepared, prepareConnect, prepareUndo } from './connect/write.ts';
import { ownShell } from './guard-scripts.ts';
import { readToken } from './source.ts';
import { paint, type Terminal } from './terminal.ts';

const EXAMPLES = `
Writes the settings of Claude Code that send telemetry to the collector at URL, and with --with guard or statusline those that ask it.
Everything else in the file stays as it is; a copy of it is kept beside it. Sessions that run already keep their settings.

Examples:
  ledgerline connect http://127.0.0.1:4318 --dry-run            what would change
  ledgerline connect https://ledgerline.example.com --token-file token --with telemetry,guard --check
  ledgerline connect --check                                    does an export arrive with the settings that are there?
  ledgerline connect --undo                                     take out what was put in
  sudo ledgerline connect https://ledgerline.example.com --token-stdin --scope managed --with telemetry,guard --mixed-fleet < token
  ledgerline connect https://ledgerline.example.com --scope managed --print    for a console of managed settings`;

interface ConnectOptions {
  readonly tokenFile?: string;
  readonly tokenStdin?: boolean;
  readonly headersHelper?: string;
  readonly scope: Scope;
  readonly file?: string;
  readonly with: readonly Part[];
  readonly mixedFleet?: boolean;
  readonly onFailure: 'open' | 'closed';
  readonly installTo?: string;
  readonly otlpUrl?: string;
  readonly apiUrl?: string;
  readonly grpc?: boolean;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly diff?: boolean;
  readonly print?: boolean;
  readonly undo?: boolean;
  readonly check?: boolean;
}

const STDIN = 0;
const PLACEHOLDER = 'REPLACE-WITH-THE-TOKEN';

export function connectCommand(terminal: Terminal): Command {
  return new Command('connect')
    .description('set up Claude Code for a collector, or undo it')
    .argument('[url]', 'address of the collector, such as https://ledgerline.example.com')
    .option('--token-file <file>', 'file with the token')
    .option('--token-stdin', 'read the token from standard input')
    .option('--headers-helper <command>', 'command that prints the headers as JSON, in place of a token (HTTP alone)')
    .addOption(
      new Option('--scope <scope>', 'which settings: of the user, the project, the user in the project, or the machine')
        .choices([...SCOPES])
        .default('user'),
    )
    .option('--file <file>', 'the settings file, where it is elsewhere')
    .addOption(
      new Option('--with <parts>', 'what to set up, separated by commas: telemetry, guard, statusline')
        .argParser(partsOf)
        .default(['telemetry'], 'telemetry'),
    )
    .option('--mixed-fleet', 'only what clients of every version know: a hook event that one does not know voids its whole managed file')
    .addOption(new Option('--on-failure <choice>', 'of the guard without an answer: open or closed').choices(['open', 'closed']).default('open'))
    .option('--install-to <folder>', 'where the scripts go (default: ledgerline beside the file)')
    .option('--otlp-url <url>', 'where telemetry goes, if not to the usual port')
    .option('--api-url <url>', 'where the guard asks, if not at the usual port')
    .option('--grpc', 'send over gRPC; HTTP is better: it tries again')
    .option('--replace', 'take the place of another collector, or of another status line')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--diff', 'the same')
    .option('--print', 'print the settings, without the token, and change nothing')
    .option('--undo', 'take out what was put in')
    .option('--check', 'send an export that books nothing, and say whether it arrived')
    .addHelpText('after', EXAMPLES)
    .action((url: string | undefined, options: ConnectOptions) => connect(url, options, terminal));
}

function partsOf(text: string): readonly Part[] {
  const words = text.split(',').map((word) => word.trim());
  const parts = PARTS.filter((part) => words.includes(part));
  const unknown = words.find((word) => !PARTS.some((part) => part === word));
  if (unknown === undefined) return parts;
  throw new LedgerlineError('invalid', `--with ${unknown} is nothing that can be set up.`, { hint: `Name some of ${PARTS.join(', ')}.` });
}

async function connect(url: string | undefined, options: ConnectOptions, terminal: Terminal): Promise<void> {
  const machine = { env: terminal.env, platform: process.platform, cwd: process.cwd() };
  const file = options.file === undefined ? settingsFile(options.scope, machine) : resolve(options.file);
  const connection = url === undefined ? undefined : connectionOf(url, file, options);
  if (options.undo === true) {
    carryOut(prepareUndo(file, connection, terminal.now()), options, { terminal, token: undefined });
    return;
  }
  if (connection !== undefined && options.print === true) {
    terminal.out(snippet(connection));
    return;
  }
  if (connection !== undefined) carryOut(prepareConnect(file, connection, terminal.now()), options, { terminal, token: connection.token });
  else if (options.check !== true)
    throw new LedgerlineError('invalid', 'Which collector?', { hint: 'Name its address: ledgerline connect https://ledgerline.example.com' });
  if (options.check !== true || options.dryRun === true || options.diff === true) return;
  // Loaded for this alone: gRPC is large.
  const { checkConnection } = await import('./connect/check.ts');
  await checkConnection(file, terminal);
}

function connectionOf(url: string, file: string, options: ConnectOptions): Connection {
  const { scope, grpc = false, headersHelper, tokenFile, replace = false } = options;
  const token = options.print === true ? PLACEHOLDER : tokenOf(options);
  if (headersHelper !== undefined && grpc) {
    throw new LedgerlineError('invalid', 'Claude Code runs no --headers-helper for gRPC.', { hint: 'Leave out --grpc, or give a token.' });
  }
  return {
    addresses: addressesOf(url, options),
    parts: options.with,
    scope,
    fleet: options.mixedFleet === true ? 'mixed' : 'new',
    grpc,
    onFailure: options.onFailure,
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && options.print !== true && { tokenFile: resolve(tokenFile) }),
    ...(headersHelper !== undefined && { headersHelper }),
    folder: options.installTo === undefined ? join(dirname(file), 'ledgerline') : resolve(options.installTo),
    shell: ownShell(),
    replace,
  };
}

/** Visible ASCII but what separates headers, what one transport decodes and the other does not, and what ends a string of curl's configuration. */
const TOKEN = /^[!#-$&-+\--[\]-~]+$/;

function tokenOf({ tokenFile, tokenStdin = false }: ConnectOptions): string | undefined {
  if (tokenFile !== undefined && tokenStdin)
    throw new LedgerlineError('invalid', '--token-file and --token-stdin name two tokens.', { hint: 'Leave out one.' });
  if (tokenFile === undefined && !tokenStdin) return undefined;
  const token = tokenFile === undefined ? readFileSync(STDIN, 'utf8').trim() : readToken(tokenFile);
  const where = tokenFile === undefined ? 'Standard input' : `--token-file ${tokenFile}`;
  if (token === '') throw new LedgerlineError('invalid', `${where} is empty.`, { hint: 'Put the token there, on one line.' });
  if (TOKEN.test(token)) return token;
  throw new LedgerlineError('invalid', `${where} holds no token that a header can carry.`, {
    hint: 'A token is one line of ASCII without spaces, commas, percent signs, quotes and backslashes, as `ledgerline token new` makes it.',
  });
}

function carryOut(
  prepared: Prepared,
  { dryRun = false, diff = false }: ConnectOptions,
  { terminal, token }: { readonly terminal: Terminal; readonly token: string | undefined },
): void {
  const isDry = dryRun || diff;
  const lines = diffOf(prepared.before, prepared.after, token);
  if (lines.length === 0) terminal.out(`${prepared.file}: nothing to change.`);
  else terminal.out([prepared.file, ...lines.map((line) => paintedLine(line, terminal))].join('\n'));
  const further = isDry ? [] : prepared.commit();
  for (const note of [...prepared.notes, ...further]) terminal.err(note);
  if (isDry && lines.length > 0) terminal.err('Nothing was changed.');
}

const COLORS = { '+': 'green', '-': 'red', ' ': 'reset', '…': 'dim' } as const;
const paintedLine = ({ mark, text }: ReturnType<typeof diffOf>[number], terminal: Terminal): string =>
  paint(terminal, COLORS[mark], `${mark} ${text}`.trimEnd());

function snippet(connection: Connection): string {
  const { wanted } = planOf(connection, '{}\n', []);
  return apply('{}\n', wanted).text.trimEnd();
}
