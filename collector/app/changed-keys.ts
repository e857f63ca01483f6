/** What of a changed configuration needs a restart. */
import type { Config } from '../config/config.ts';

/** Read again while the collector runs, so nobody has to be asked for a restart. */
const RELOADED: readonly string[] = ['auth.tokens', 'auth.certificates'];

/** Keys such as limits.connections and budgets, two levels deep. */
export function changedKeys(before: Config, after: Config): readonly string[] {
  return changedIn(before, withReloadedTls(before, after), '').filter((key) => !RELOADED.includes(key));
}

/** Other files of certificates are read; that there are some, and a CA for clients, is not changed. */
function withReloadedTls(before: Config, after: Config): Config {
  const [was, is] = [before.server.tls, after.server.tls];
  const isAlike = (was === undefined) === (is === undefined) && (was?.client_ca_file === undefined) === (is?.client_ca_file === undefined);
  const { tls: _, ...server } = after.server;
  return isAlike ? { ...after, server: { ...server, ...(was !== undefined && { tls: was }) } } : after;
}

function changedIn(before: object, after: object, prefix: string): string[] {
  const [old, now] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [one, other] = [old.get(key), now.get(key)];
    if (JSON.stringify(one) === JSON.stringify(other)) return [];
    return prefix === '' && isSection(one) && isSection(other) ? changedIn(one, other, `${key}.`) : [prefix + key];
  });
}

const isSection = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
