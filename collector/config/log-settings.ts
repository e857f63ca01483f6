/** What a logger needs of the configuration. */
import type { LogSettings } from '../core/logger.ts';
import type { Config } from './config.ts';

/** Keys of files that hold a secret alone. Those of TLS hold keys of many lines, which nothing quotes. */
const SECRET_FILE = /^(token|url|secret|password|key|pseudonym_key)_file$/;

/** `isTerminal`: does stderr lead to one? */
export function logSettingsOf(config: Config, { isTerminal, color }: { isTerminal: boolean; color: boolean }): LogSettings {
  const { level, format } = config.log;
  return {
    level,
    format: format === 'auto' ? (isTerminal ? 'pretty' : 'json') : format,
    color,
    secretFiles: secretFiles({ ...config, server: { ...config.server, tls: undefined } }),
  };
}

function secretFiles(section: object): string[] {
  return Object.entries(section).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) return secretFiles(value);
    return typeof value === 'string' && SECRET_FILE.test(key) ? [value] : [];
  });
}
