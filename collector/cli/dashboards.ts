/** ledgerline dashboards: Grafana's boards for the operator's own days, weeks and labels, as files or straight into a Grafana. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
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
Days and weeks on the boards begin where timezone and week_start of the configuration say. Panels that need a label which
exposition.without leaves out say so.`;

const BUILD_HELP = `${OVERVIEW}

Examples:
  ledgerline dashboards build --out /var/lib/grafana/dashboards
  ledgerline dashboards build --config /etc/ledgerline/ledgerline.yaml --datasource-uid prometheus --out boards`;

const PUSH_HELP = `${OVERVIEW}

Works with Grafana 11, 12 and 13. The token is that of a service account with the role Editor, or with the permissions
folders:read, folders:create, dashboards:read, dashboards:create and dashboards:write. Put it into a file for --token-file, or into GRAFANA_TOKEN
in the environment: other users of the machine can read what --token carries while the command runs. GRAFANA_URL stands in for --url.

Running it again brings the boards up to date. A board that came from files (provisioning) cannot be pushed as well.

Examples:
  ledgerline dashboards push --url https://grafana.example.com --token-file token.txt --dry-run
  GRAFANA_TOKEN=… ledgerline dashboards push --url https://grafana.example.com/grafana --datasource-uid prometheus`;

export function dashboardsCommand(terminal: Terminal): Command {
  const command = new Command('dashboards').description('boards for Grafana: write them to files, or install them');
  withBoards(command.command('build').description('write every board as a JSON file for file provisioning or import'))
    .requiredOption('--out <folder>', 'folder for the files; made if it is not there')
    .addHelpText('after', BUILD_HELP)
    .action((options: BuildOptions) => buildFiles(options, terminal));
  withBoards(command.command('push').description('install every board in a Grafana through its HTTP API'))
    .option('--url <url>', 'address of Grafana, with its path if it has one (default: GRAFANA_URL)')
    .option('--token-file <file>', 'file with the token of a service account (default: GRAFANA_TOKEN)')
    .option('--token <token>', 'the token itself; other users of this machine can read it there')
    .option('--folder <title>', 'folder of the boards; made if it is not there', 'Ledgerline')
    .option('--dry-run', 'only say what would be done')
    .addHelpText('after', PUSH_HELP)
    .action((options: PushOptions) => push(options, terminal));
  return command;
}

const withBoards = (command: Command): Command =>
  command
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it is there)`)
    .option('--datasource-uid <uid>', "Prometheus data source that the boards show at first (default: Grafana's default)");

/** Grafana's builders are loaded only for these commands: the others start without them. */
async function boardFiles(config: Config, datasourceUid: string | undefined): Promise<Map<string, string>> {
  const dashboards = await import('../../dashboards/build.ts');
  return dashboards.boardFiles(config, datasourceUid);
}

async function buildFiles({ out, datasourceUid, ...options }: BuildOptions, terminal: Terminal): Promise<void> {
  const files = await boardFiles(settings(options, terminal), datasourceUid);
  try {
    mkdirSync(out, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(out, name), text);
  } catch (cause) {
    throw new LedgerlineError('invalid', `--out: cannot write to ${out}.`, { cause, hint: 'Check the path and the permissions of the folder.' });
  }
  terminal.out(`Wrote ${files.size} boards to ${out}`);
}

async function push({ folder, dryRun = false, datasourceUid, ...options }: PushOptions, terminal: Terminal): Promise<void> {
  const grafana = grafanaOf(options, terminal);
  const files = await boardFiles(settings(options, terminal), datasourceUid);
  // Written by the generator a line above.
  const boards = [...files.values()].map((text) => JSON.parse(text) as BoardModel);
  await pushBoards(grafana, boards, { folder, dryRun, datasourceUid }, (line) => terminal.out(line));
}

function grafanaOf({ url, tokenFile, token: given }: Pick<PushOptions, 'url' | 'tokenFile' | 'token'>, { env }: Terminal): Grafana {
  const address = url ?? env.GRAFANA_URL;
  if (address === undefined) {
    throw new LedgerlineError('invalid', 'Which Grafana? Neither --url nor GRAFANA_URL says.', {
      hint: 'Write --url https://grafana.example.com, with the path under which Grafana is served if there is one.',
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
    throw new LedgerlineError('invalid', 'Both --token and --token-file are given.', { hint: 'Give one of them; a file is the safer one.' });
  }
  const token = given ?? (tokenFile === undefined ? env.GRAFANA_TOKEN : readToken(tokenFile));
  if (token === undefined || token === '') {
    throw new LedgerlineError('invalid', 'Grafana wants a token, and neither --token-file, --token nor GRAFANA_TOKEN gives one.', {
      hint: 'Make a service account with the role Editor in Grafana (Administration, Users and access) and put its token into a file.',
    });
  }
  return { url: `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`, token, fetch };
}
