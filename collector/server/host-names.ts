/**
 * The name that a request was sent to. Bound to loopback and open, it is the only thing between a hostile web page and the figures: a page
 * that rebinds its own name to 127.0.0.1 still sends that name as Host.
 */
import { isIP } from 'node:net';
import { LedgerlineError } from '../core/error.ts';
import { isLoopback, isLoopbackName } from './loopback.ts';

export interface HostPolicy {
  /** server.host: what the port is bound to. */
  readonly host: string;
  readonly allowed_hosts: readonly string[];
}

/**
 * Throws `forbidden` with the remedy. `isGuarded`: does something else, a token or a certificate, stand between strangers and the role?
 * Names of this machine are always right: no page can have one.
 */
export function assertHost(header: string | undefined, { host, allowed_hosts }: HostPolicy, isGuarded: boolean): void {
  const isFree = allowed_hosts.length === 0 && (isGuarded || !isLoopbackName(host));
  if (isFree) return;
  const name = hostName(header ?? '');
  if (isLoopbackName(name) || allowed_hosts.some((allowed) => hostName(allowed) === name)) return;
  const shown = (header ?? '').slice(0, 80);
  const where = isLoopback(host) ? 'Use http://localhost or http://127.0.0.1, or name' : 'Name';
  throw new LedgerlineError('forbidden', `Host ${shown} is not a name of this collector.`, {
    hint: `${where} the host in server.allowed_hosts${isLoopback(host) ? ', or guard the ports with auth.tokens' : ''}.`,
  });
}

/** Without the port, the dot at the end and upper case; '' for what is no host. */
function hostName(header: string): string {
  const bare = isIP(header) === 6 ? `[${header}]` : header;
  return /[/?#@\\\s]/.test(bare) ? '' : (URL.parse(`http://${bare}`)?.hostname.replace(/\.$/, '') ?? '');
}
