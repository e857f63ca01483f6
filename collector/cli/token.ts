/** ledgerline token: makes bearer tokens. Only their hash goes into the configuration. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { LedgerlineError } from '../core/error.ts';
import type { Terminal } from './terminal.ts';

interface NewOptions {
  readonly name: string;
  readonly role: string;
  readonly team?: string;
  readonly user?: string;
  readonly workspace?: string;
}

const TOKEN_BYTES = 32;
const STDIN = 0;

const EXAMPLES = `
Examples:
  ledgerline token new --name platform --team platform
  ledgerline token new --name grafana --role read
  ledgerline token hash < token.txt`;

export function tokenCommand(terminal: Terminal): Command {
  const command = new Command('token').description('create or hash a bearer token').addHelpText('after', EXAMPLES);
  command
    .command('new')
    .description('print a new random token and its lines for ledgerline.yaml')
    .option('--name <name>', 'name shown in logs', 'my-token')
    .addOption(new Option('--role <role>', 'role: what the token may do').choices(['ingest', 'read', 'admin']).default('ingest'))
    .option('--team <team>', 'team that its telemetry belongs to')
    .option('--user <user>', 'user that its telemetry belongs to')
    .option('--workspace <workspace>', 'workspace that its telemetry belongs to')
    .action((options: NewOptions) => newToken(options, terminal));
  command
    .command('hash')
    .description('hash a token read from standard input, to keep it out of the shell history')
    .action(() => terminal.out(configLines({ name: 'my-token', role: 'ingest' }, readStandardInput())));
  return command;
}

function newToken(options: NewOptions, terminal: Terminal): void {
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
