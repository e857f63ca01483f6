/** The configuration as it may be printed, and its values as an error may quote them. */
import { HIDDEN, hostOf } from '../core/redact.ts';
import { isSecret } from './schema-keys.ts';

/** Every secret replaced: values under a key that says so, and of addresses what may be one. Lists and maps of any depth, and their keys. */
export function redact(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [String(redactText(name)), redact(inner, name)]));
  if (isSecret(key)) return value === '' || value === undefined || value === null ? value : HIDDEN;
  return typeof value === 'string' ? redactText(value, key) : value;
}

/**
 * Of an address that messages are sent to, the host: what is behind it is a secret with Slack, Teams and many others. Of one that people follow
 * (`grafana_url`), all but user, query and fragment.
 */
function redactText(text: string, key = ''): string {
  if (!text.includes('://')) return key.endsWith('_url') ? text.replace(/[?#].*$/s, '') : text;
  const address = text.trim();
  if (!URL.canParse(address) || /\s/.test(address)) return HIDDEN;
  const { protocol, host, pathname } = new URL(address);
  if (!key.endsWith('_url')) return hostOf(address);
  return `${protocol}//${host}${pathname === '/' && !address.endsWith('/') ? '' : pathname}`;
}
