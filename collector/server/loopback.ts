/** Loopback: what only this machine can reach. As an address to bind, and as the name a request was sent to. */
import { BlockList, isIP } from 'node:net';

/** It also finds IPv4 addresses that are mapped to IPv6, however they are written. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** An address, with or without the brackets of a URL, or the name localhost. Other names may resolve to anything. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  const version = isIP(bare);
  return version === 0 ? bare.toLowerCase() === 'localhost' : LOOPBACK.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

/** The same for the host name of a URL or a Host header: browsers send every name below localhost to this machine. */
export const isLoopbackName = (name: string): boolean => isLoopback(name) || /^.+\.localhost$/i.test(name);
