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
  const command = new Command('token').description('make a bearer token, or hash one').addHelpText('after', EXAMPLES);
  command
    .command('new')
    .description('print a new random token and the lines for ledgerline.yaml')
    .option('--name <name>', 'what logs call it', 'my-token')
    .addOption(new Option('--role <role>', 'what it may do').choices(['ingest', 'read', 'admin']).default('ingest'))
    .option('--team <team>', 'whose telemetry it is')
    .option('--user <user>', 'whose telemetry it is')
    .option('--workspace <workspace>', 'whose telemetry it is')
    .action((options: NewOptions) => newToken(options, terminal));
  command
    .command('hash')
    .description('hash a token read from the standard input, so that it is in no shell history')
    .action(() => terminal.out(configLines({ name: 'my-token', role: 'ingest' }, readStandardInput())));
  return command;
}

function newToken(options: NewOptions, terminal: Terminal): void {
  const token = `ll_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  terminal.out(`The token, shown this once:\n\n  ${token}\n`);
  terminal.out(`For ledgerline.yaml:\n\n${configLines(options, token)}`);
  if (options.role !== 'ingest') return;
  terminal.out(`For the env block of Claude Code's settings:\n\n  "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer ${token}"`);
}

function configLines(options: NewOptions, token: string): string {
  const { name, role, ...whose } = options;
  const sha256 = createHash('sha256').update(token).digest('hex');
  return stringify({ auth: { tokens: [{ name, role, ...whose, sha256 }] } });
}

function readStandardInput(): string {
  const token = readFileSync(STDIN, 'utf8').trim();
  if (token !== '') return token;
  throw new LedgerlineError('invalid', 'The standard input is empty, so there is no token to hash.', {
    hint: 'Write: ledgerline token hash < token.txt',
  });
}
