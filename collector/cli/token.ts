/** ledgerline token: makes bearer tokens. Only their hash goes into the configuration. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { jobSchema } from '../config/job.ts';
import { mistakeOfReader, type ReadScopeConfig, readScopeSchema, SCOPE_KEYS } from '../config/read-scope.ts';
import { LedgerlineError } from '../core/error.ts';
import type { Terminal } from './terminal.ts';

interface NewOptions {
  readonly name: string;
  readonly role: string;
  readonly team?: string;
  readonly user?: string;
  readonly organization?: string;
  readonly workspace?: string;
  readonly job?: string;
  readonly scope?: ReadScopeConfig;
}

const TOKEN_BYTES = 32;
const STDIN = 0;

const EXAMPLES = `
Examples:
  ledgerline token new --name platform --team platform
  ledgerline token new --name api-ci --team platform --job 'ci:acme/api/*'
  ledgerline token new --name grafana --role read
  ledgerline token new --name lead --role read --scope team:platform team:search
  ledgerline token new --name ada --role read --user ada@example.com --scope self
  ledgerline token new --name directory --role scim            for whatever keeps the directory over SCIM
  ledgerline token hash < token.txt`;

export function tokenCommand(terminal: Terminal): Command {
  const command = new Command('token').description('create or hash a bearer token').addHelpText('after', EXAMPLES);
  command
    .command('new')
    .description('print a new random token and its lines for ledgerline.yaml')
    .option('--name <name>', 'name shown in logs', 'my-token')
    .addOption(new Option('--role <role>', 'role: what the token may do').choices(['ingest', 'read', 'admin', 'scim']).default('ingest'))
    .option('--team <team>', 'team that its telemetry belongs to')
    .option('--user <user>', 'user that its telemetry belongs to')
    .option('--organization <organization>', 'organization that its telemetry belongs to')
    .option('--workspace <workspace>', 'workspace that its telemetry belongs to')
    .option('--job <job>', 'CI job that sends with it: ci:acme/api/nightly, or ci:acme/api/* for a repository', readJob)
    .option('--scope <scope...>', 'what a reader sees: all, self (needs --user), or names such as team:platform')
    .action(({ scope, ...options }: Omit<NewOptions, 'scope'> & { readonly scope?: readonly string[] }) =>
      newToken({ ...options, ...(scope !== undefined && { scope: scopeOf(scope) }) }, terminal),
    );
  command
    .command('hash')
    .description('hash a token read from standard input, to keep it out of the shell history')
    .action(() => terminal.out(configLines({ name: 'my-token', role: 'ingest' }, readStandardInput())));
  return command;
}

function readJob(text: string): string {
  const { error, data } = jobSchema.safeParse(text);
  if (data !== undefined) return data;
  throw new LedgerlineError('invalid', `--job ${text.slice(0, 80)} ${error?.issues[0]?.message ?? ''}.`, { hint: 'See docs/ci.md.' });
}

function newToken(options: NewOptions, terminal: Terminal): void {
  const mistake = mistakeOfReader(options);
  if (mistake !== undefined)
    throw new LedgerlineError('invalid', `The collector would refuse this token: ${mistake}.`, { hint: 'See docs/access.md.' });
  const token = `ll_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  terminal.out(`The token, shown only once:\n\n  ${token}\n`);
  terminal.out(`For ledgerline.yaml:\n\n${configLines(options, token)}`);
  if (options.role !== 'ingest') return;
  terminal.out(`For the env block of Claude Code's settings:\n\n  "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer ${token}"`);
}

function configLines(options: NewOptions, token: string): string {
  const { name, role, ...owner } = options;
  const sha256 = createHash('sha256').update(token).digest('hex');
  return stringify({ auth: { tokens: [{ name, role, ...owner, sha256 }] } });
}

function readStandardInput(): string {
  const token = readFileSync(STDIN, 'utf8').trim();
  if (token !== '') return token;
  throw new LedgerlineError('invalid', 'Standard input is empty: there is no token to hash.', {
    hint: 'Use: ledgerline token hash < token.txt',
  });
}

/** "all", "self", or "team:platform" as often as wanted. */
function scopeOf(words: readonly string[]): ReadScopeConfig {
  const [first] = words;
  if (words.length === 1 && (first === 'all' || first === 'self')) return first;
  const map: Record<string, string[]> = {};
  for (const word of words) {
    const colon = word.indexOf(':');
    const key = SCOPE_KEYS.find((name) => name === `${word.slice(0, Math.max(colon, 0))}s`);
    if (key === undefined || colon === word.length - 1) throw badScope(word);
    map[key] = [...(map[key] ?? []), word.slice(colon + 1)];
  }
  return readScopeSchema.parse(map);
}

const badScope = (word: string): LedgerlineError =>
  new LedgerlineError('invalid', `--scope ${word} is not a scope.`, {
    hint: 'Write all, self, or names such as team:platform, organization:example, workspace:api or user:ada@example.com.',
  });
