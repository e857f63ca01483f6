/** Where and how Claude Code would send its events with these settings. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { LedgerlineError } from '../../core/error.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export interface Target {
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  /** Whole, with its path over HTTP. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the settings and the shell: proxies, certificates. */
  readonly env: Env;
}

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;
const HELPER_MS = 30_000;

const invalid = (message: string, hint: string): LedgerlineError => new LedgerlineError('invalid', message, { hint });
const AGAIN = 'Run `ledgerline connect` with the address of the collector.';

/** `helper` is the otelHeadersHelper. Throws `invalid` where these settings send nothing at all. */
export function targetOf(env: Env, helper: string | undefined): Target {
  if (env.CLAUDE_CODE_ENABLE_TELEMETRY !== '1') throw invalid('CLAUDE_CODE_ENABLE_TELEMETRY is not 1: these settings send no telemetry.', AGAIN);
  for (const name of ['OTEL_LOGS_EXPORTER', 'OTEL_METRICS_EXPORTER'])
    if (!(env[name] ?? '').split(',').includes('otlp')) throw invalid(`${name} has no otlp: these settings do not send that signal.`, AGAIN);
  const given = env.OTEL_EXPORTER_OTLP_LOGS_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL;
  const protocol = PROTOCOLS.find((one) => one === given);
  if (protocol === undefined) {
    const what = given === undefined ? 'is not set' : `is ${given}`;
    throw invalid(`OTEL_EXPORTER_OTLP_PROTOCOL ${what}: the client exports nothing.`, `Set it to ${PROTOCOLS.join(', ')}. ${AGAIN}`);
  }
  return { protocol, url: urlOf(env, protocol), headers: { ...headersOf(env), ...(protocol !== 'grpc' && helperHeaders(helper, env)) }, env };
}

function urlOf(env: Env, protocol: Target['protocol']): URL {
  const own = env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT;
  const base = own ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (base === undefined || !URL.canParse(base)) {
    throw invalid(`OTEL_EXPORTER_OTLP_ENDPOINT ${base === undefined ? 'is not set' : 'is no address'}: there is nowhere to send to.`, AGAIN);
  }
  return new URL(own !== undefined || protocol === 'grpc' ? base : `${base.replace(/\/+$/, '')}/v1/logs`);
}

/** As the client reads them; over HTTP it decodes nothing. */
function headersOf(env: Env): Readonly<Record<string, string>> {
  const pairs = `${env.OTEL_EXPORTER_OTLP_HEADERS ?? ''},${env.OTEL_EXPORTER_OTLP_LOGS_HEADERS ?? ''}`.split(',');
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      return at <= 0 ? [] : [[pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()]];
    }),
  );
}

function helperHeaders(command: string | undefined, env: Env): Readonly<Record<string, string>> {
  if (command === undefined) return {};
  const { status, stdout } = spawnSync(command, {
    shell: true,
    encoding: 'utf8',
    timeout: HELPER_MS,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const headers: unknown = status === 0 ? JSON.parse(stdout) : undefined;
    if (typeof headers === 'object' && headers !== null)
      return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
  } catch {
    // Said below.
  }
  throw invalid(
    `otelHeadersHelper ${status === 0 ? 'prints no JSON object' : 'fails'}: the client exports nothing then.`,
    'Run the command by hand: it has to print an object such as {"Authorization": "Bearer …"}, and to end with 0.',
  );
}

/** What these files hold, for TLS. Throws `invalid` for one that cannot be read. */
export function pemOf(env: Env, name: string): Buffer | undefined {
  const file = env[name];
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new LedgerlineError('invalid', `${name}: cannot read ${file}.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
}
