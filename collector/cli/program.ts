/** All commands of `ledgerline`. */
import { Command } from 'commander';
import { PORTS } from '../catalog/names.ts';
import { CONFIG_FILE } from '../config/load.ts';
import { VERSION } from '../core/version.ts';
import { alertsCommand } from './alerts.ts';
import { analyzeCommand } from './analyze.ts';
import { backfillCommand } from './backfill.ts';
import { backupCommand } from './backup.ts';
import { blocksCommand } from './blocks.ts';
import { breakdownCommand } from './breakdown.ts';
import { budgetCommand } from './budget.ts';
import { checkCommand } from './check.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion/command.ts';
import { completeCommand } from './completion/values.ts';
import { configCommand } from './config.ts';
import { connectCommand } from './connect.ts';
import { dashboardsCommand } from './dashboards.ts';
import { debugCommand } from './debug.ts';
import { directoryCommand } from './directory.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { exportCommand } from './export.ts';
import { forecastCommand } from './forecast.ts';
import { guardCommand } from './guard.ts';
import { importCommand } from './import.ts';
import { limitsCommand } from './limits.ts';
import { mcpCommand } from './mcp.ts';
import { plansCommand } from './plans.ts';
import { pricesCommand } from './prices.ts';
import { privacyCommand } from './privacy.ts';
import { reconcileCommand } from './reconcile.ts';
import { reportCommand } from './report.ts';
import { restoreCommand } from './restore.ts';
import { runCommand } from './run.ts';
import type { ServeOptions } from './serve.ts';
import { sessionCommand } from './session.ts';
import { statuslineCommand } from './statusline.ts';
import { storageCommand } from './storage.ts';
import type { Terminal } from './terminal.ts';
import { tokenCommand } from './token.ts';
import { topCommand } from './top.ts';
import { trendCommand } from './trend.ts';
import { usageCommands } from './usage.ts';

const HELP_COLUMNS = 120;
/** Descriptions narrower than this are not wrapped. */
const HELP_COLUMNS_MIN = 20;

const SERVE_EXAMPLES = `
Every key of ${CONFIG_FILE} can also be set in the environment: LEDGERLINE_TIMEZONE, LEDGERLINE_SERVER_API_PORT, …
Flags override the environment, and the environment overrides the file.

Examples:
  ledgerline serve
  ledgerline serve --demo                       boards filled by a made-up organization, in a separate folder
  ledgerline serve --config /etc/ledgerline/ledgerline.yaml --data /var/lib/ledgerline
  ledgerline serve --role receiver              one of many replicas on one PostgreSQL (storage.url): takes telemetry
  ledgerline serve --role reader                answers REST, boards and /metrics
  ledgerline serve --role worker                roll-ups, retention, alerts, scheduled exports and imports; several stand in for each other`;

export function createProgram(terminal: Terminal): Command {
  const helpWidth = Math.min(HELP_COLUMNS, terminal.columns ?? HELP_COLUMNS);
  const program = new Command('ledgerline')
    .description('An exact ledger of what Claude Code costs, from its OpenTelemetry data.')
    .version(`ledgerline ${VERSION}`, '--version', 'display the version')
    .configureHelp({ helpWidth, minWidthToWrap: HELP_COLUMNS_MIN })
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      getOutHelpWidth: () => helpWidth,
    })
    .showHelpAfterError('(--help lists what is available)')
    .exitOverride()
    .addHelpText('after', EXIT_CODES_HELP)
    .commandsGroup('Set up:');
  for (const [group, commands] of Object.entries(commandsOf(terminal))) {
    for (const command of commands) program.addCommand(inherit(command.helpGroup(`${group}:`), program));
  }
  program.addCommand(inherit(completeCommand(terminal), program), { hidden: true });
  return program;
}

/** By what they are for, as --help shows them. */
const commandsOf = (terminal: Terminal): Readonly<Record<string, readonly Command[]>> => ({
  Ask: [
    reportCommand(terminal),
    analyzeCommand(terminal),
    trendCommand(terminal),
    breakdownCommand(terminal),
    compareCommand(terminal),
    debugCommand(terminal),
    topCommand(terminal),
    ...usageCommands(terminal),
    sessionCommand(terminal),
    blocksCommand(terminal),
    reconcileCommand(terminal),
    plansCommand(terminal),
    exportCommand(terminal),
    mcpCommand(terminal),
  ],
  'Budgets and alerts': [
    budgetCommand(terminal),
    forecastCommand(terminal),
    alertsCommand(terminal),
    guardCommand(terminal),
    runCommand(terminal),
    statuslineCommand(terminal),
    limitsCommand(terminal),
  ],
  Run: [serveCommand(terminal), doctorCommand(terminal), dashboardsCommand(terminal)],
  Keep: [
    importCommand(terminal),
    backfillCommand(terminal),
    backupCommand(terminal),
    restoreCommand(terminal),
    storageCommand(terminal),
    checkCommand(terminal),
    directoryCommand(terminal),
    pricesCommand(terminal),
    privacyCommand(terminal),
  ],
  'Set up': [connectCommand(terminal), configCommand(terminal), tokenCommand(terminal), completionCommand(terminal)],
});

/** addCommand does not hand down output and help settings, as .command() does. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const inner of command.commands) inherit(inner, command);
  return command;
}

function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('run the collector')
    .option('--config <file>', `configuration (default: ./${CONFIG_FILE} if it exists)`)
    .option('--data <folder>', 'folder of the ledger (default: "ledgerline-data")')
    .option('--role <role>', 'what this replica does: all, receiver, reader or worker (default: "all")')
    .option('--otlp-grpc-port <port>', `OTLP over gRPC (default: ${PORTS.otlpGrpc})`)
    .option('--otlp-http-port <port>', `OTLP over HTTP (default: ${PORTS.otlpHttp})`)
    .option('--api-port <port>', `boards and REST (default: ${PORTS.api})`)
    .option('--metrics-port <port>', `Prometheus (default: ${PORTS.metrics})`)
    .option('--log-format <format>', 'json or pretty (default: pretty where stderr is a terminal, otherwise json)')
    .option('--log-level <level>', 'error, warn, info or debug (default: "info")')
    .option('--demo', 'send the telemetry of a made-up organization; uses a separate data folder unless --data is given')
    .addHelpText('after', SERVE_EXAMPLES)
    .action(async (options: ServeOptions) => {
      // The collector is loaded only to run it: the other commands start in a fraction of the time.
      const { serve } = await import('./serve.ts');
      await serve(options, terminal);
    });
}
