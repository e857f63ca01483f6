/** What settings are to have, from the collector's address and a token. */
import { join, sep } from 'node:path';
import { clientSettings } from '../../catalog/client-settings.ts';
import { LedgerlineError } from '../../core/error.ts';
import { hostOf } from '../../core/redact.ts';
import { GUARD_SCRIPTS, type GuardShell, hookCommand } from '../guard-scripts.ts';
import { type Fleet, guardHooks } from '../guard-settings.ts';
import { STATUSLINE_SCRIPT, statusLineBlock } from '../statusline-script.ts';
import type { Addresses } from './addresses.ts';
import { type Change, isOwnCommand, type Wanted } from './changes.ts';
import { keysAt, valueAt } from './json-text.ts';
import type { Scope } from './places.ts';

export const PARTS = ['telemetry', 'guard', 'statusline'] as const;
export type Part = (typeof PARTS)[number];

export interface Connection {
  readonly addresses: Addresses;
  readonly parts: readonly Part[];
  readonly scope: Scope;
  readonly fleet: Fleet;
  readonly grpc: boolean;
  readonly onFailure: 'open' | 'closed';
  readonly token?: string;
  /** Where the token stands, for hooks, which need no copy of it. */
  readonly tokenFile?: string;
  readonly headersHelper?: string;
  /** Where the scripts go. */
  readonly folder: string;
  readonly shell: GuardShell;
  /** Take the place of what others have put there. */
  readonly replace: boolean;
}

export interface Plan {
  readonly wanted: Wanted;
  /** Without what gives way to others. */
  readonly parts: readonly Part[];
  /** What was left as it is, and why. */
  readonly notes: readonly string[];
}

const HEADERS = 'OTEL_EXPORTER_OTLP_HEADERS';
const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
/** They outrank the general ones. */
const PER_SIGNAL = ['METRICS', 'LOGS'].flatMap((signal) => ['ENDPOINT', 'PROTOCOL', 'HEADERS'].map((what) => `OTEL_EXPORTER_OTLP_${signal}_${what}`));
/** What no user is to switch on. */
const MANAGED = {
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_LOG_USER_PROMPTS: '0',
  OTEL_LOG_ASSISTANT_RESPONSES: '0',
  OTEL_LOG_TOOL_DETAILS: '0',
  OTEL_LOG_TOOL_CONTENT: '0',
};

const envOf = (text: string, name: string): string | undefined => {
  const value = valueAt(text, ['env', name]);
  return typeof value === 'string' ? value : undefined;
};

/** `text` is the file as it is, `earlier` what was put there before. Throws `invalid` where something of others stands in the way. */
export function planOf(connection: Connection, text: string, earlier: readonly Change[]): Plan {
  const { replace, addresses } = connection;
  const isEarlier = (name: string): boolean => earlier.some(({ kind, path }) => kind === 'value' && path.join('.') === `env.${name}`);
  if (!replace) assertFree(connection, text, isEarlier);
  const keepsOther = connection.parts.includes('statusline') && !replace && hasOtherStatusLine(text);
  const parts = connection.parts.filter((part) => part !== 'statusline' || !keepsOther);
  const env: Record<string, string | null> = {};
  if (parts.includes('telemetry')) Object.assign(env, telemetryEnv(connection, text));
  if (parts.includes('guard') || parts.includes('statusline')) Object.assign(env, { LEDGERLINE_URL: addresses.api, ...tokenEnv(connection) });
  if (parts.includes('guard')) env.LEDGERLINE_GUARD_ON_FAILURE = connection.onFailure;
  const { headersHelper, shell, fleet, onFailure } = connection;
  const [guard] = GUARD_SCRIPTS[shell];
  return {
    wanted: {
      env,
      ...(headersHelper !== undefined && { otelHeadersHelper: headersHelper }),
      ...(parts.includes('statusline') && { statusLine: statusLineBlock(commandOf(connection, 'sh', STATUSLINE_SCRIPT), fleet) }),
      ...(parts.includes('guard') && { hooks: guardHooks({ command: commandOf(connection, shell, guard), fleet, onFailure }) }),
    },
    parts,
    notes: keepsOther ? ['There is a status line already, which stays. Use --replace to take its place.'] : [],
  };
}

/** Variables of telemetry that go to this collector. */
export function telemetryEnv({ addresses, grpc, scope, token, headersHelper }: Connection, text: string): Readonly<Record<string, string | null>> {
  const { env } = clientSettings({ url: addresses.otlp, needsToken: false });
  const headers = token === undefined ? undefined : [...otherHeaders(text), `Authorization=Bearer ${token}`].join(',');
  return {
    ...env,
    OTEL_METRICS_EXPORTER: withOtlp(envOf(text, 'OTEL_METRICS_EXPORTER')),
    OTEL_LOGS_EXPORTER: withOtlp(envOf(text, 'OTEL_LOGS_EXPORTER')),
    ...(grpc && { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    ...(headersHelper === undefined && headers !== undefined && { [HEADERS]: headers }),
    ...(scope === 'managed' && MANAGED),
    ...Object.fromEntries(PER_SIGNAL.filter((name) => envOf(text, name) !== undefined).map((name) => [name, null])),
  };
}

/** Others that are exported to stay. */
function withOtlp(present: string | undefined): string {
  const exporters = (present ?? '').split(',').map((name) => name.trim());
  const others = exporters.filter((name) => name !== '' && name !== 'none' && name !== 'otlp');
  return exporters.includes('otlp') && present !== undefined ? present : [...others, 'otlp'].join(',');
}

const otherHeaders = (text: string): readonly string[] =>
  (envOf(text, HEADERS) ?? '').split(',').filter((header) => header.trim() !== '' && !/^\s*authorization\s*=/i.test(header));

/** Managed settings are read by users who cannot read an administrator's file. */
const tokenEnv = ({ token, tokenFile, scope }: Connection): Readonly<Record<string, string | null>> => {
  if (token === undefined) return {};
  return tokenFile === undefined || scope === 'managed'
    ? { LEDGERLINE_TOKEN: token, LEDGERLINE_TOKEN_FILE: null }
    : { LEDGERLINE_TOKEN_FILE: tokenFile, LEDGERLINE_TOKEN: null };
};

function assertFree({ parts, addresses }: Connection, text: string, isEarlier: (name: string) => boolean): void {
  const other = (name: string, own: string): void => {
    const present = envOf(text, name);
    if (present === undefined || present.replace(/\/+$/, '') === own || isEarlier(name)) return;
    throw inTheWay(`${name} is ${hostOf(present)}: another collector is set up here already.`);
  };
  if (parts.includes('telemetry')) {
    other(ENDPOINT, addresses.otlp);
    const signal = keysAt(text, ['env']).find((name) => PER_SIGNAL.includes(name));
    if (signal !== undefined) throw inTheWay(`${signal} is set, which outranks the general setting.`);
  }
  if (parts.some((part) => part !== 'telemetry')) other('LEDGERLINE_URL', addresses.api);
}

const inTheWay = (message: string): LedgerlineError =>
  new LedgerlineError('invalid', message, { hint: 'Nothing was changed. Use --replace to take its place; --undo brings it back.' });

const IN_PROJECT = join('.claude', 'ledgerline');

/** In a project the path is that of whoever has cloned it: scripts elsewhere would not be found. */
function commandOf({ scope, folder }: Connection, shell: GuardShell, script: string): string {
  if (scope !== 'project' || shell !== 'sh') return hookCommand(shell, join(folder, script));
  if (folder.endsWith(`${sep}${IN_PROJECT}`)) return `"\${CLAUDE_PROJECT_DIR:-.}"/.claude/ledgerline/${script}`;
  throw new LedgerlineError('invalid', `Scripts of a project go into its ${IN_PROJECT}, not into ${folder}.`, {
    hint: 'Nothing was changed. Leave out --install-to, and name in --file the settings in .claude of the project.',
  });
}

const hasOtherStatusLine = (text: string): boolean =>
  valueAt(text, ['statusLine']) !== undefined && !isOwnCommand(valueAt(text, ['statusLine', 'command']), 'statusline');
