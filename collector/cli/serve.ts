/** ledgerline serve: runs the collector until it is asked to stop. */
import { createHash, randomBytes } from 'node:crypto';
import { flushCompileCache } from 'node:module';
import { type Collector, startCollector } from '../app/collector.ts';
import { clientSettings } from '../catalog/client-settings.ts';
import { LOG_CODES, type Log } from '../catalog/log-codes.ts';
import { PRODUCT, ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { CONFIG_FILE, type ConfigFlags, configFileOf } from '../config/load.ts';
import { logSettingsOf } from '../config/log-settings.ts';
import { dutiesOf } from '../config/role.ts';
import { apiUrl, reachableHost } from '../config/running-collector.ts';
import { LedgerlineError } from '../core/error.ts';
import { createLogger } from '../core/logger.ts';
import { VERSION } from '../core/version.ts';
import { demoBudgets } from '../demo/budgets.ts';
import { DEMO_DAYS, type Demo, startDemo } from '../demo/demo.ts';
import { isGuarded } from '../server/auth.ts';
import { type LedgerOptions, settings } from './options.ts';
import { paint, type Terminal } from './terminal.ts';

export interface ServeOptions extends LedgerOptions {
  readonly role?: string;
  readonly otlpGrpcPort?: string;
  readonly otlpHttpPort?: string;
  readonly apiPort?: string;
  readonly metricsPort?: string;
  readonly logFormat?: string;
  readonly logLevel?: string;
}

const FORCED_EXIT = 130;
const EXIT_LOST = 1;
/** A terminal's Ctrl+C reaches both us and the launcher, which passes it on: one press arrives twice. */
const SAME_PRESS_MS = 750;

export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const demoToken = options.demo === true ? randomBytes(32).toString('base64url') : undefined;
  const read = (): { config: Config; token: string | undefined } => {
    const configured = settings(options, terminal, flagsOf(options));
    return demoToken === undefined ? { config: configured, token: undefined } : demoConfig(configured, demoToken);
  };
  const { config, token } = read();
  const isTerminal = process.stderr.isTTY === true;
  const logSettings = logSettingsOf(config, { isTerminal, color: isTerminal && !terminal.env.NO_COLOR });
  const log = createLogger(LOG_CODES, logSettings);
  // Before anything is opened: whoever stops a collector that is just starting gets an orderly end, too.
  const stopRequested = untilStopRequested(log);
  const source = { read: () => read().config, file: configFileOf({ file: options.config, env: terminal.env }) };
  let running: Collector | undefined;
  onHangUp(() => running?.reload());
  let demo: Demo | undefined;
  const progress = { demo: () => demo?.progress() ?? { daysSent: 0, days: DEMO_DAYS } };
  const collector = await startCollector(config, { log, logSettings, source, ...(options.demo === true && progress) });
  running = collector;
  // Whether anybody can read the welcome is no reason to end what receives.
  process.stdout.removeAllListeners('error').on('error', () => undefined);
  terminal.out(welcome(config, collector, terminal));
  // What the banner says to people.
  if (logSettings.format === 'json') log('collector_started', `${PRODUCT} ${VERSION} is running.`, { fields: { ...collector.ports } });
  flushCompileCache(); // Node keeps nothing of a process that is killed.
  if (options.demo === true) demo = beginDemo(config, collector, token, log);
  const lost = await Promise.race([stopRequested, collector.lost]);
  if (lost !== undefined) {
    log('collector_lost', `${lost.message} The collector exits so that its supervisor can restart it.`, { error: lost });
  }
  await demo?.stop();
  await collector.stop();
  log('collector_stopped', 'Stopped. Everything acknowledged is in the ledger.');
  process.exit(lost === undefined ? 0 : EXIT_LOST);
}

function flagsOf({ role, otlpGrpcPort, otlpHttpPort, apiPort, metricsPort, logFormat, logLevel }: ServeOptions): ConfigFlags {
  return {
    ...(role !== undefined && { '--role': role }),
    ...(otlpGrpcPort !== undefined && { '--otlp-grpc-port': otlpGrpcPort }),
    ...(otlpHttpPort !== undefined && { '--otlp-http-port': otlpHttpPort }),
    ...(apiPort !== undefined && { '--api-port': apiPort }),
    ...(metricsPort !== undefined && { '--metrics-port': metricsPort }),
    ...(logFormat !== undefined && { '--log-format': logFormat }),
    ...(logLevel !== undefined && { '--log-level': logLevel }),
  };
}

/** Resolves at the first SIGINT or SIGTERM; a second one leaves at once. */
function untilStopRequested(log: Log): Promise<void> {
  const requested = Promise.withResolvers<void>();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      log('collector_stopping', 'Stopping: finishing requests in flight, then closing the ledger. A second signal exits at once.');
      requested.resolve();
    } else if (performance.now() - firstMs > SAME_PRESS_MS) process.exit(FORCED_EXIT);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return requested.promise;
}

/** As daemons do: SIGHUP reads again what can be. In a terminal it means that the terminal is gone, and ends the process as ever. */
function onHangUp(reload: () => Promise<void> | undefined): void {
  if (process.stdin.isTTY !== true) process.on('SIGHUP', () => void reload());
}

/** The demo needs something to watch over, and a token of its own where tokens are asked for. */
function demoConfig(config: Config, token: string): { config: Config; token: string | undefined } {
  if (config.storage.url !== undefined) {
    throw new LedgerlineError('invalid', '--demo fills a ledger of its own, but storage.url is configured.', {
      hint: `Leave out --demo or --config, or remove storage.url from ${CONFIG_FILE}.`,
    });
  }
  if (config.server.tls !== undefined) {
    throw new LedgerlineError('invalid', '--demo sends over plain HTTP, but server.tls is configured.', {
      hint: `Leave out --demo or --config, or remove tls from ${CONFIG_FILE}.`,
    });
  }
  const withBudgets = { ...config, budgets: demoBudgets(config) };
  if (!isGuarded(config, 'ingest')) return { config: withBudgets, token: undefined };
  const known = { name: 'demo', role: 'ingest' as const, sha256: createHash('sha256').update(token).digest('hex') };
  return { config: { ...withBudgets, auth: { ...config.auth, tokens: [...config.auth.tokens, known] } }, token };
}

function beginDemo(config: Config, { ports }: Collector, token: string | undefined, log: Log): Demo {
  const say = (line: string): void => log('demo_progress', line);
  say(`Sending ${DEMO_DAYS} days of a made-up organization through the receiver.`);
  const demo = startDemo({ url: `http://${reachableHost(config)}:${ports.otlpHttp}`, log: say, ...(token !== undefined && { token }) });
  demo.filled.catch((thrown: unknown) => {
    const error = LedgerlineError.from(thrown);
    log('demo_failed', error.message, { error });
  });
  return demo;
}

/** What listens, and for whom. */
function welcome(config: Config, { ports, ledgerFile }: Collector, terminal: Terminal): string {
  const { receives, reads } = dutiesOf(config.role);
  const host = reachableHost(config);
  const scheme = config.server.tls === undefined ? 'http' : 'https';
  const board = apiUrl(config, ports.api);
  const as = config.role === 'all' ? '' : ` as ${config.role}`;
  return [
    paint(terminal, 'bold', `Ledgerline ${VERSION} is running${as} on ${config.storage.url ?? ledgerFile}`),
    '',
    `  ${reads ? 'boards and REST' : 'health         '}   ${board}`,
    ...(receives ? [`  OTLP over HTTP    ${scheme}://${host}:${ports.otlpHttp}`, `  OTLP over gRPC    ${host}:${ports.otlpGrpc}`] : []),
    `  Prometheus        ${scheme}://${host}:${ports.metrics}${ROUTES.exposition}`,
    '',
    ...(receives ? connecting(config, `${scheme}://${host}:${ports.otlpHttp}`) : []),
    reads ? `Open ${paint(terminal, 'bold', board)} in a browser. Press Ctrl+C to stop.` : 'Press Ctrl+C to stop.',
  ].join('\n');
}

function connecting(config: Config, url: string): string[] {
  const settings = clientSettings({ url, needsToken: isGuarded(config, 'ingest') });
  const indented = JSON.stringify(settings, null, 2).replaceAll(/^/gm, '  ');
  return ['To see what your own Claude Code costs, merge this into ~/.claude/settings.json and start a session:', '', indented, ''];
}
