/**
 * The configuration as it is in force: flags over environment over ledgerline.yaml over defaults.
 * A mistake is reported where it was made: with line and column in the file, by name in the environment or on the command line.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { ENV_PREFIX } from '../catalog/names.ts';
import type { LedgerlineError } from '../core/error.ts';
import { suggest } from '../core/suggest.ts';
import { yaml } from '../core/yaml.ts';
import { certificateMistakes } from './auth-check.ts';
import { budgetMistakes } from './budgets-check.ts';
import { type Config, configSchema } from './config.ts';
import { type ConfigDocument, readDocument } from './document.ts';
import { formerVariables, withCurrentKeys, withCurrentValue } from './former-keys.ts';
import { IMPORT_VARIABLES } from './imports.ts';
import { duplicateNames, type Mistake, mistakesOf, refusal, systemReason, valueAt } from './mistakes.ts';
import { roleMistakes } from './role-check.ts';
import { configJsonSchema, type EnvironmentKey, environmentKeys, type KeyPath, mayHoldSecret, type SchemaNode, showPath } from './schema-keys.ts';

export const CONFIG_FILE = 'ledgerline.yaml';

/** Flags that set a key, and the key. */
export const CONFIG_FLAGS = {
  '--data': ['data'],
  '--role': ['role'],
  '--otlp-grpc-port': ['server', 'otlp_grpc_port'],
  '--otlp-http-port': ['server', 'otlp_http_port'],
  '--api-port': ['server', 'api_port'],
  '--metrics-port': ['server', 'metrics_port'],
  '--log-format': ['log', 'format'],
  '--log-level': ['log', 'level'],
} as const satisfies Record<string, readonly string[]>;

export type ConfigFlags = Readonly<Partial<Record<keyof typeof CONFIG_FLAGS, string>>>;

/** Of the scripts that clients run (collector/guard/client/): commands that are started from there have them, too. */
const CLIENT_VARIABLES = [
  'LEDGERLINE_URL',
  'LEDGERLINE_TOKEN',
  'LEDGERLINE_CACHE_DIR',
  'LEDGERLINE_GUARD_ON_FAILURE',
  'LEDGERLINE_GUARD_OFFLINE_SECONDS',
  'LEDGERLINE_GUARD_TIMEOUT_SECONDS',
  'LEDGERLINE_RUN_DIR',
  'LEDGERLINE_STATUSLINE_FORMAT',
];

/** Variables with our prefix that are no key of the configuration: they stand for --config and --token-file, are those of clients, or keys of providers. */
export const OTHER_VARIABLES = ['LEDGERLINE_CONFIG', 'LEDGERLINE_TOKEN_FILE', ...CLIENT_VARIABLES, ...IMPORT_VARIABLES];

export interface ConfigSources {
  /** --config. Without it LEDGERLINE_CONFIG, then ./ledgerline.yaml if it is there, then defaults alone. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags?: ConfigFlags;
}

/** Where values came from: a function from a path to "ledgerline.yaml:4:14 budgets[0].period" or "LEDGERLINE_TIMEZONE". */
interface Layer {
  readonly raw: Record<string, unknown>;
  locate(path: KeyPath, about: Mistake['about']): string;
}

/** Undefined when there is none, and the configuration is defaults, environment and flags. Throws for an empty name: of a variable that nobody set. */
export function configFileOf({ file, env }: Pick<ConfigSources, 'file' | 'env'>): string | undefined {
  const named = file ?? env.LEDGERLINE_CONFIG;
  if (named !== '') return named ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined);
  const origin = file === undefined ? 'LEDGERLINE_CONFIG' : '--config';
  const remedy = `name the file, or leave ${origin} out for ./${CONFIG_FILE} or, without one, the defaults`;
  throw refusal([`${origin}: must be the name of a file, not empty; ${remedy}`], (sentence) => sentence);
}

/** Throws LedgerlineError `invalid` whose message has one line for each mistake. */
export function loadConfig(sources: ConfigSources): Config {
  const file = configFileOf(sources);
  const bottom: Layer = file === undefined ? { raw: {}, locate: showPath } : readLayer(file, configJsonSchema());
  const { raw: given, origins } = overlay(bottom.raw, [...environmentValues(sources.env), ...flagValues(sources.flags ?? {})]);
  const raw = withCurrentKeys(given);
  const locate = (path: KeyPath, about: Mistake['about']): string => originOf(path, origins) ?? bottom.locate(path, about);

  const parsed = configSchema.safeParse(raw);
  if (!parsed.success)
    throw refused(
      parsed.error.issues.flatMap((issue) => mistakesOf(issue, raw, configJsonSchema())),
      locate,
    );
  const config = parsed.data;
  const repeated = [
    ...duplicateNames(config.budgets, ['budgets']),
    ...duplicateNames(config.auth.tokens, ['auth', 'tokens']),
    ...budgetMistakes(config.budgets),
    ...certificateMistakes(config),
    ...roleMistakes(config),
  ];
  if (repeated.length > 0) throw refused(repeated, locate);
  const besideFile = (path: KeyPath, value: string): string => {
    const writtenInFile = file !== undefined && valueAt(raw, path) !== undefined && originOf(path, origins) === undefined;
    return writtenInFile && !isAbsolute(value) ? join(dirname(file), value) : value;
  };
  const unreadable = settleFiles(config, besideFile);
  if (unreadable.length > 0) throw refused(unreadable, locate);
  return config;
}

const refused = (mistakes: readonly Mistake[], locate: Layer['locate']): LedgerlineError =>
  refusal(mistakes, ({ path, about, sentence }) => `${locate(path, about)}: ${sentence}`);

function readLayer(file: string, schema: SchemaNode): Layer {
  const { document, raw, at } = readDocument(file);
  const locate = (path: KeyPath, about: Mistake['about']): string => `${at(offsetOf(document, path, about))} ${showPath(path)}`;
  return { raw: withoutEmpty(withCurrentKeys(raw), schema), locate };
}

/** A section whose keys are all commented out reads as null; it is an empty section, not a mistake. */
function withoutEmpty(map: Record<string, unknown>, schema: SchemaNode): Record<string, unknown> {
  const filled = Object.entries(map).flatMap(([key, value]): [string, unknown][] => {
    const node = schema.properties?.[key];
    if (value === null && (node?.type === 'object' || node?.type === 'array')) return [];
    const section = node?.properties !== undefined && typeof value === 'object' && value !== null && !Array.isArray(value);
    return [[key, section ? withoutEmpty(value as Record<string, unknown>, node) : value]];
  });
  return Object.fromEntries(filled);
}

/** Where in the text a path is: its key, its value, or, when it is missing, the nearest thing around it. */
function offsetOf(document: ConfigDocument['document'], path: KeyPath, about: Mistake['about']): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    const key = about === 'key' && depth === path.length ? keyNode(document.getIn(path.slice(0, -1), true), path.at(-1)) : undefined;
    const offset = (key ?? (yaml().isNode(node) ? node : undefined))?.range?.[0];
    if (offset !== undefined) return offset;
  }
  return 0;
}

function keyNode(map: unknown, key: unknown) {
  if (typeof map !== 'object' || map === null || !('items' in map) || !Array.isArray(map.items)) return undefined;
  const pair: unknown = map.items.find((item: { key?: { value?: unknown } }) => item?.key?.value === key);
  const node = typeof pair === 'object' && pair !== null && 'key' in pair ? pair.key : undefined;
  return yaml().isNode(node) ? node : undefined;
}

/** A value from outside the file, and what to call its place in an error. */
interface OuterValue {
  readonly path: readonly string[];
  readonly origin: string;
  readonly value: unknown;
}

const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;

/** What Kubernetes puts into each container about a Service with a name that begins with "ledgerline". */
const isServiceLink = (name: string, value = ''): boolean =>
  SERVICE_LINK.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

function environmentValues(env: ConfigSources['env']): OuterValue[] {
  const given = Object.keys(env).filter((name) => name.startsWith(ENV_PREFIX) && env[name] !== undefined);
  if (given.length === 0) return [];
  const keys = environmentKeys();
  const names = [...keys.map((key) => key.variable), ...OTHER_VARIABLES];
  const former = keys.flatMap(({ path }) => formerVariables(path));
  const unknown = given.filter((name) => !names.includes(name) && !former.includes(name) && !isServiceLink(name, env[name]));
  if (unknown.length > 0) {
    const sentences = unknown.map((name) => {
      // Compared without the prefix, which every variable shares.
      const bare = (variable: string): string => variable.slice(ENV_PREFIX.length);
      const meant = suggest(bare(name), names.map(bare));
      return `${name}: unknown variable; ${meant === undefined ? 'unset it; `ledgerline config schema` lists the keys' : `did you mean ${ENV_PREFIX}${meant}?`}`;
    });
    throw refusal(sentences, (sentence) => sentence);
  }
  return keys.flatMap((key) => {
    const origin = [key.variable, ...formerVariables(key.path)].find((name) => env[name] !== undefined);
    const text = origin === undefined ? undefined : env[origin];
    if (origin === undefined || text === undefined) return [];
    return [{ path: key.path, origin, value: fromText(withCurrentValue(origin, text), { ...key, variable: origin }) }];
  });
}

function flagValues(flags: ConfigFlags): OuterValue[] {
  return Object.entries(CONFIG_FLAGS).flatMap(([flag, path]) => {
    const text = flags[flag as keyof typeof CONFIG_FLAGS];
    if (text === undefined) return [];
    // Nobody needs the schema for this, which takes long to make.
    const schema: SchemaNode = flag.endsWith('-port') ? { type: 'integer' } : { type: 'string' };
    return [{ path, origin: flag, value: fromText(text, { variable: flag, path: [...path], schema }) }];
  });
}

/** Text that is no number or no boolean stays text, and the schema then says what it should be. */
function fromText(text: string, { variable, schema }: EnvironmentKey): unknown {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'array':
    case 'object':
      return fromJson(text, variable, schema);
    default:
      return text;
  }
}

/** A map or list that is written wrongly is not read, so nobody knows which of it is a secret. */
const MAY_HOLD_SECRET = /:\/\/|@|pass|secret|token|key|sha256/i;

function fromJson(text: string, variable: string, schema: SchemaNode): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const example = schema.type === 'array' ? 'a list such as \'["a","b"]\'' : 'a map such as \'{"key":"value"}\'';
    const isShown = !mayHoldSecret(schema) && text.length <= 60 && !MAY_HOLD_SECRET.test(text);
    const shown = isShown ? ` (${JSON.stringify(text)})` : '';
    throw refusal([`${variable}: the value${shown} is not JSON; write ${example}`], (sentence) => sentence);
  }
}

/** Later values win over earlier ones and over the file; each remembers where it came from. */
function overlay(bottom: Record<string, unknown>, values: readonly OuterValue[]) {
  const raw = structuredClone(bottom);
  const origins = new Map<string, string>();
  for (const { path, origin, value } of values) {
    const map = mapAround(raw, path);
    // Something else stands where the map should be; the schema says so.
    if (map === undefined) continue;
    map[path.at(-1) ?? ''] = value;
    origins.set(showPath(path), origin);
  }
  return { raw, origins };
}

/** The map that holds the last key of a path, made where nothing is. Undefined where something other than a map is. */
function mapAround(raw: Record<string, unknown>, path: readonly string[]): Record<string, unknown> | undefined {
  let map = raw;
  for (const key of path.slice(0, -1)) {
    const inner = map[key] ?? {};
    if (typeof inner !== 'object' || Array.isArray(inner)) return undefined;
    // Neither null nor a list, so a map, whose keys YAML and JSON make strings.
    const next = inner as Record<string, unknown>;
    map[key] = next;
    map = next;
  }
  return map;
}

/** The variable or flag that set a path or a map around it, with the rest of the path behind it. */
function originOf(path: KeyPath, origins: ReadonlyMap<string, string>): string | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const origin = origins.get(showPath(path.slice(0, depth)));
    if (origin !== undefined) return depth === path.length ? origin : `${origin} ${showPath(path)}`;
  }
  return undefined;
}

/** Makes every file name of the configuration relative to where it was written, and reports those that cannot be read. */
function settleFiles(config: Config, resolve: (path: KeyPath, value: string) => string): Mistake[] {
  config.data = resolve(['data'], config.data);
  const mistakes: Mistake[] = [];
  const visit = (map: Record<string | number, unknown>, path: KeyPath): void => {
    for (const [key, value] of Object.entries(map)) {
      const at = [...path, Array.isArray(map) ? Number(key) : key];
      // An array's or a map's own entries, which is what Object.entries gave.
      if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>, at);
      else if (typeof value === 'string' && isFile(key, path)) {
        const file = resolve(at, value);
        map[key] = file;
        const reason = isOfAnotherMachine(at, config) ? undefined : unreadableBecause(file);
        if (reason !== undefined) mistakes.push({ path: at, about: 'value', sentence: `cannot read "${file}": ${reason}` });
      }
    }
  };
  visit(config, []);
  return mistakes;
}

const isFile = (key: string, [section]: KeyPath): boolean =>
  key.endsWith('_file') || (key === 'path' && section === 'imports') || (key === 'file' && section === 'directory');

/**
 * A channel's secret is read where messages are sent: where the collector does not, that is Alertmanager's or Grafana's machine. The gateway's
 * key, and those of imports, are read by a command, which says so where it cannot.
 */
const isOfAnotherMachine = ([section, list]: KeyPath, { alerts }: Config): boolean =>
  section === 'gateway' || section === 'imports' || (section === 'alerts' && list === 'channels' && !alerts.deliver && alerts.digests.length === 0);

function unreadableBecause(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    if (!statSync(file).isDirectory()) return undefined;
    return 'it is a folder, not a file; correct the name, or put the file there';
  } catch (cause) {
    return `${systemReason(cause)}; correct the name, or put the file there`;
  }
}
