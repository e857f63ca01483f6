/** ledgerline serve: its options. What it does is in serve.ts. */
import { Command } from 'commander';
import { PORTS } from '../catalog/names.ts';
import { CONFIG_FILE } from '../config/load.ts';
import type { ServeOptions } from './serve.ts';
import type { Terminal } from './terminal.ts';

const EXAMPLES = `
Every key of ${CONFIG_FILE} can also be set in the environment: LEDGERLINE_TIMEZONE, LEDGERLINE_SERVER_API_PORT, …
Flags override the environment, and the environment overrides the file.

Examples:
  ledgerline serve
  ledgerline serve --demo                       boards filled by a made-up organization, in a separate folder
  ledgerline serve --config /etc/ledgerline/ledgerline.yaml --data /var/lib/ledgerline
  ledgerline serve --role receiver              one of many replicas on one PostgreSQL (storage.url): takes telemetry
  ledgerline serve --role reader                answers REST, boards and /metrics
  ledgerline serve --role worker                roll-ups, retention, alerts, scheduled exports and imports; several stand in for each other`;

export function serveCommand(terminal: Terminal): Command {
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
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeOptions) => {
      // The collector is loaded only to run it: the other commands start in a fraction of the time.
      const { serve } = await import('./serve.ts');
      await serve(options, terminal);
    });
}
