/** ledgerline dashboards: Grafana's boards for the operator's own days, weeks and labels, as files or straight into a Grafana. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { CONFIG_FILE } from '../config/load.ts';
import { LedgerlineError } from '../core/error.ts';
import { type BoardModel, type Grafana, pushBoards } from './dashboards-push.ts';
import { settings } from './options.ts';
import { readToken } from './source.ts';
import type { Terminal } from './terminal.ts';

interface BuildOptions {
  readonly config?: string;
  readonly out: string;
  readonly datasource: 'prometheus' | 'postgres';
  readonly datasourceUid?: string;
}

interface PushOptions extends Omit<BuildOptions, 'out'> {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly token?: string;
  readonly folder: string;
  readonly dryRun?: boolean;
}

const OVERVIEW = `
Days and weeks on the boards follow timezone and week_start of the configuration. Panels that need a label left out by
exposition.without say so.

With --datasource postgres the boards ask a ledger on PostgreSQL itself, by SQL, through a role that may only read its views
(\`ledgerline storage grant-grafana\`). They have names of their own, so that both kinds can be in one Grafana.`;

const BUILD_HELP = `${OVERVIEW}

Examples:
  ledgerline dashboards build --out /var/lib/grafana/dashboards
  ledgerline dashboards build --config /etc/ledgerline/ledgerline.yaml --datasource-uid prometheus --out boards
  ledgerline dashboards build --datasource postgres --out boards`;

const PUSH_HELP = `${OVERVIEW}

Works with Grafana 11, 12 and 13. Use the token of a service account with the role Editor, or with the permissions folders:read,
folders:create, dashboards:read, dashboards:create and dashboards:write. Pass it in a file with --token-file or in the environment
variable GRAFANA_TOKEN: other users of the machine can read --token while the command runs. GRAFANA_URL replaces --url.

Run it again to update the boards. Boards provisioned from files cannot be pushed.

Examples:
  ledgerline dashboards push --url https://grafana.example.com --token-file token.txt --dry-run
  GRAFANA_TOKEN=… ledgerline dashboards push --url https://grafana.example.com/grafana --datasource-uid prometheus`;

export function dashboardsCommand(terminal: Terminal): Command {
  const command = new Command('dashboards').description('write the Grafana boards to files, or install them');
  withBoards(command.command('build').description('write every board as a JSON file for file provisioning or import'))
    .requiredOption('--out <folder>', 'folder for the files; created if missing')
    .addHelpText('after', BUILD_HELP)
    .action((options: BuildOptions) => buildFiles(options, terminal));
  withBoards(command.command('push').description('install every board in Grafana through its HTTP API'))
    .option('--url <url>', 'address of Grafana, including its path (default: GRAFANA_URL)')
    .option('--token-file <file>', 'file with the token of a service account (default: GRAFANA_TOKEN)')
    .option('--token <token>', 'the token itself; visible to other users of this machine')
    .option('--folder <title>', 'folder of the boards; created if missing', 'Ledgerline')
    .option('--dry-run', 'only print what would be done')
    .addHelpText('after', PUSH_HELP)
    .action((options: PushOptions) => push(options, terminal));
  return command;
}

const withBoards = (command: Command): Command =>
  command
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .addOption(new Option('--datasource <kind>', 'what the boards ask').choices(['prometheus', 'postgres']).default('prometheus'))
    .option('--datasource-uid <uid>', "data source selected at first (default: Grafana's default of that kind)");

/** Grafana's builders are loaded only for these commands: the others start without them. */
async function boardFiles(config: Config, options: Pick<BuildOptions, 'datasource' | 'datasourceUid'>): Promise<Map<string, string>> {
  const dashboards = await import('../../dashboards/build.ts');
  return dashboards.boardFiles(config, options);
}

async function buildFiles({ out, ...options }: BuildOptions, terminal: Terminal): Promise<void> {
  const files = await boardFiles(settings(options, terminal), options);
  try {
    mkdirSync(out, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(out, name), text);
  } catch (cause) {
    throw new LedgerlineError('invalid', `--out: cannot write to ${out}.`, { cause, hint: 'Check the path and the permissions of the folder.' });
  }
  terminal.out(`Wrote ${files.size} boards to ${out}`);
}

async function push({ folder, dryRun = false, ...options }: PushOptions, terminal: Terminal): Promise<void> {
  const grafana = grafanaOf(options, terminal);
  const files = await boardFiles(settings(options, terminal), options);
  // Written by the generator a line above.
  const boards = [...files.values()].map((text) => JSON.parse(text) as BoardModel);
  await pushBoards(grafana, boards, { folder, dryRun, datasourceUid: options.datasourceUid }, (line) => terminal.out(line));
}

function grafanaOf({ url, tokenFile, token: given }: Pick<PushOptions, 'url' | 'tokenFile' | 'token'>, { env }: Terminal): Grafana {
  const address = url ?? env.GRAFANA_URL;
  if (address === undefined) {
    throw new LedgerlineError('invalid', 'No Grafana address: neither --url nor GRAFANA_URL is set.', {
      hint: 'Use --url https://grafana.example.com, including the path under which Grafana is served.',
    });
  }
  const parsed = URL.parse(address);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new LedgerlineError('invalid', `--url ${address.slice(0, 80)} is not an address.`, { hint: 'Write it with http:// or https://.' });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new LedgerlineError('invalid', '--url carries a user or a password, which other processes of this machine could read.', {
      hint: 'Leave them out, and name a file with the token of a service account in --token-file.',
    });
  }
  if (given !== undefined && tokenFile !== undefined) {
    throw new LedgerlineError('invalid', 'Both --token and --token-file are given.', { hint: 'Use only one of them; a file is safer.' });
  }
  const token = given ?? (tokenFile === undefined ? env.GRAFANA_TOKEN : readToken(tokenFile));
  if (token === undefined || token === '') {
    throw new LedgerlineError('invalid', 'No Grafana token: none of --token-file, --token and GRAFANA_TOKEN is set.', {
      hint: 'Create a service account with the role Editor in Grafana (Administration, Users and access) and put its token in a file.',
    });
  }
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, token, fetch };
}
