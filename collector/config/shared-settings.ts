/**
 * What all replicas of a ledger have to agree on. `booked`: it changes what is booked, and what is booked stays; a replica that differs does
 * not start. `shown`: it changes what is shown or sent; the replica that started last is right. `own`: each replica has its own.
 */
import { createHmac, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';

export type SettingLevel = 'booked' | 'shown';

export interface SharedSetting {
  readonly level: SettingLevel;
  /** The value where it is short and nobody's secret, else a digest. The same text is the same setting. */
  readonly text: string;
}

const LEVELS: Readonly<Record<keyof Config, SettingLevel | 'own'>> = {
  timezone: 'booked',
  week_start: 'booked',
  organization: 'booked',
  attribution: 'booked',
  directory: 'booked',
  models: 'booked',
  prices: 'booked',
  retention: 'booked',
  ingest_window: 'booked',
  budgets: 'shown',
  budget_requests: 'shown',
  guard: 'shown',
  gateway: 'shown',
  alerts: 'shown',
  exports: 'shown',
  reconcile: 'shown',
  plans: 'shown',
  imports: 'shown',
  benchmarks: 'shown',
  rate_limits: 'shown',
  exposition: 'shown',
  limits: 'own',
  data: 'own',
  storage: 'own',
  role: 'own',
  server: 'own',
  auth: 'own',
  log: 'own',
};

const EXCEPTIONS: Readonly<Record<string, SettingLevel | 'own'>> = {
  'directory.shared_costs': 'shown',
  'limits.values': 'booked',
  'limits.new_values_per_hour': 'booked',
  'limits.new_values_per_day': 'booked',
  'limits.rebooked_entries': 'booked',
};

/** Those that files decide which may change while the collector runs. */
export const DIRECTORY_SETTINGS: readonly string[] = ['attribution.directory_file', 'directory.feeds'];

const PLAIN: ReadonlySet<string> = new Set(['timezone', 'week_start', 'organization', 'attribution', 'retention', 'ingest_window', 'limits']);
const PLAIN_CHARACTERS_MAX = 80;
const DIGEST_CHARACTERS = 16;
const ABSENT = 'not set';

/** By their keys, such as timezone and prices.discounts. Reads the files that they name. */
export function sharedSettings(config: Config): ReadonlyMap<string, SharedSetting> {
  const settings = new Map<string, SharedSetting>();
  const add = (key: string, section: string, level: SettingLevel | 'own', value: unknown): void => {
    const found = EXCEPTIONS[key] ?? level;
    if (found !== 'own') settings.set(key, { level: found, text: textOf(key, value, PLAIN.has(section)) });
  };
  for (const [section, level] of Object.entries(LEVELS)) {
    // The record's own keys, which Object.entries widens to string.
    const value = config[section as keyof Config];
    if (!isMap(value)) add(section, section, level, value);
    else for (const [key, inner] of Object.entries(value)) add(`${section}.${key}`, section, level, inner);
  }
  return settings;
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(key: string, value: unknown, isPlain: boolean): string {
  if (value === undefined) return ABSENT;
  const text = JSON.stringify(withContents(value, key)) ?? ABSENT;
  return isPlain && text.length <= PLAIN_CHARACTERS_MAX ? text : `sha256 ${hash('sha256', text, 'hex').slice(0, DIGEST_CHARACTERS)}`;
}

const FILE = /(?:^|[._])file$/;

/** What is in a file counts, and not what it is called on this machine. */
function withContents(value: unknown, key: string): unknown {
  if (typeof value === 'string' && FILE.test(key)) return contentOf(value);
  if (Array.isArray(value)) return value.map((item) => withContents(item, ''));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, withContents(inner, name)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keyed, so that nobody looks a key of few bytes up by its digest alone. */
function contentOf(file: string): string {
  try {
    return `content ${createHmac('sha256', 'ledgerline shared settings').update(readFileSync(file)).digest('hex').slice(0, DIGEST_CHARACTERS)}`;
  } catch {
    return 'unreadable';
  }
}
