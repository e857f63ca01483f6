/** Bearer tokens: who may send or read, and what a token says about its bearer. Only SHA-256 hashes are kept. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config, TokenConfig } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { isLoopback } from './loopback.ts';

export type Role = 'ingest' | 'read' | 'admin';

/** Takes an Authorization header. Throws `unauthenticated` or `forbidden`; the token is never part of the message. */
export type Authenticate = (authorization: string | undefined, role: Role) => Credentials;

interface KnownToken {
  readonly role: Role;
  readonly credentials: Credentials;
}

export interface AuthenticatorOptions {
  /** True when others than this machine can reach the ports: then one token of any role closes every role. */
  readonly exposed?: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function readToken(file: string, key: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LedgerlineError('invalid', `${key}: cannot read ${file}.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
  if (text !== '') return text;
  throw new LedgerlineError('invalid', `${key}: ${file} is empty.`, { hint: 'Write the token into the file, on one line.' });
}

function hashOf(token: TokenConfig, index: number): string {
  if (token.sha256 !== undefined) return token.sha256.toLowerCase();
  return sha256(readToken(token.token_file ?? '', `auth.tokens[${index}].token_file`));
}

function credentialsOf({ name, organization, team, user, workspace }: TokenConfig): Credentials {
  return {
    name,
    ...(organization !== undefined && { organization }),
    ...(team !== undefined && { team }),
    ...(user !== undefined && { user }),
    ...(workspace !== undefined && { workspace }),
  };
}

function indexByHash(tokens: readonly TokenConfig[]): ReadonlyMap<string, KnownToken> {
  const known = new Map<string, KnownToken>();
  for (const [index, token] of tokens.entries()) {
    const hash = hashOf(token, index);
    if (known.has(hash)) {
      throw new LedgerlineError('invalid', `auth.tokens[${index}] (${token.name}): the same token is configured twice.`, {
        hint: 'Give each entry a token of its own.',
      });
    }
    known.set(hash, { role: token.role, credentials: credentialsOf(token) });
  }
  return known;
}

const grants = (held: Role, wanted: Role): boolean => held === 'admin' || held === wanted;

/** A role is open only while no token grants it (and, when exposed, while there is no token at all). */
const needsToken = (tokens: readonly TokenConfig[], role: Role, exposed: boolean): boolean =>
  exposed ? tokens.length > 0 : tokens.some((token) => grants(token.role, role));

type Access = Pick<Config, 'server' | 'auth'>;

/** Does this configuration ask for a token before it lets somebody in a role? */
export const isGuarded = ({ server, auth }: Access, role: Role): boolean => needsToken(auth.tokens, role, !isLoopback(server.host));

/** The authenticator of this configuration; reads the token files once. */
export const authenticatorOf = ({ server, auth }: Access): Authenticate => createAuthenticator(auth.tokens, { exposed: !isLoopback(server.host) });

/** Reads the token files once. */
export function createAuthenticator(tokens: readonly TokenConfig[], options: AuthenticatorOptions = {}): Authenticate {
  const known = indexByHash(tokens);
  return (authorization, role) => {
    const presented = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    // Looking up the hash compares nothing of the secret itself, so timing tells an attacker nothing useful.
    const token = presented === undefined ? undefined : known.get(sha256(presented));
    if (token !== undefined && grants(token.role, role)) return token.credentials;
    if (!needsToken(tokens, role, options.exposed === true)) return token?.credentials ?? {};
    if (token !== undefined) {
      throw new LedgerlineError('forbidden', `Token "${token.credentials.name}" has the role ${token.role}; ${role} is needed.`, {
        hint: 'Use another token, or change its role in auth.tokens.',
      });
    }
    throw new LedgerlineError('unauthenticated', presented === undefined ? 'A bearer token is required.' : 'The bearer token is unknown.', {
      hint: 'Send "Authorization: Bearer <token>" with a token whose hash is in auth.tokens.',
    });
  };
}

/** Refuses to open the ports to others while nothing protects them. Throws `invalid`. */
export function assertSafeBinding(config: Access): void {
  const { host, insecure, tls } = config.server;
  if (isLoopback(host) || insecure || tls !== undefined || config.auth.tokens.length > 0) return;
  throw new LedgerlineError('invalid', `server.host is ${host}, which other machines can reach, but neither tokens nor TLS protect the ports.`, {
    hint: 'Add a token to auth.tokens, or server.tls, or bind server.host to 127.0.0.1, or accept the risk with server.insecure: true.',
  });
}

/** What a sender proved about itself: the bearer token it used, or the client certificate. Empty when it proved nothing. */
export interface Credentials {
  readonly name?: string;
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  readonly workspace?: string;
}
