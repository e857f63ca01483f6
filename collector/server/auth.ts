/**
 * Who may send or read, by bearer token or by client certificate, and what either says about its bearer. Of tokens only SHA-256 hashes are
 * kept.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { CertificateConfig, Config, TokenConfig } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { type ClientCertificate, describeSubject, hasSubject, wantedSubject } from './client-certificate.ts';
import { isLoopback } from './loopback.ts';
import { readScopeOf, type StoredUser } from './reader-scope.ts';
import { type SignInRules, scopeOfRules, sessionIn } from './sign-in.ts';

export type Role = 'ingest' | 'read' | 'admin' | 'scim';

/**
 * Takes an Authorization header, the certificate of the connection and the cookies. A token that is presented decides, else a sign-in, else the
 * certificate. A sign-in lets one read and nothing more: browsers send cookies along whoever makes them ask. Throws `unauthenticated` or
 * `forbidden`; the token is never part of the message.
 */
export type Authenticate = (authorization: string | undefined, role: Role, certificate?: ClientCertificate, cookies?: string) => Credentials;

export interface Authenticator extends Authenticate {
  /** Must one prove anything before one is let in this role? */
  isGuarded(role: Role): boolean;
  /** Is there anybody who proves this very role? */
  hasRole(role: Role): boolean;
}

interface Known {
  readonly role: Role;
  readonly credentials: Credentials;
}

/** What an authenticator decides by; plain data, to be handed to another thread. */
export interface AuthRules {
  /** By the hash of the token. */
  readonly tokens: ReadonlyMap<string, Known>;
  readonly certificates: readonly (Known & { readonly subject: ReturnType<typeof wantedSubject> })[];
  /** True when others than this machine can reach the ports: then one token of any role closes every role. */
  readonly exposed: boolean;
  /** True when every connection has a certificate of the client CA. */
  readonly hasClientCa: boolean;
  /** Roles that stay guarded although their last token is revoked: opening them takes a restart. */
  readonly closed: readonly Role[];
  /** Undefined where nobody signs in. */
  readonly signIn?: SignInRules;
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

function credentialsOf(entry: TokenConfig | CertificateConfig, storedUser: StoredUser): Credentials {
  const { name, role, organization, team, user, workspace, job, scope } = entry;
  return {
    name,
    ...('sends' in entry && entry.sends === 'api_spans' && { sends: entry.sends }),
    ...((role === 'read' || role === 'admin') && { scope: readScopeOf(scope, user, storedUser) }),
    ...(organization !== undefined && { organization }),
    ...(team !== undefined && { team }),
    ...(user !== undefined && { user }),
    ...(workspace !== undefined && { workspace }),
    ...(job !== undefined && { job }),
  };
}

function indexByHash(tokens: readonly TokenConfig[], storedUser: StoredUser): AuthRules['tokens'] {
  const known = new Map<string, Known>();
  for (const [index, token] of tokens.entries()) {
    const hash = hashOf(token, index);
    if (known.has(hash)) {
      throw new LedgerlineError('invalid', `auth.tokens[${index}] (${token.name}): the same token is configured twice.`, {
        hint: 'Give each entry a token of its own.',
      });
    }
    known.set(hash, { role: token.role, credentials: credentialsOf(token, storedUser) });
  }
  return known;
}

const certificatesOf = (entries: readonly CertificateConfig[], storedUser: StoredUser): AuthRules['certificates'] =>
  entries.map((entry, index) => ({
    role: entry.role,
    credentials: credentialsOf(entry, storedUser),
    subject: wantedSubject(entry.subject, `auth.certificates[${index}].subject`),
  }));

/** Whoever keeps the directory needs the role itself: a provider's token does that alone, and nobody else's does. */
const grants = (held: Role, wanted: Role): boolean => held === wanted || (held === 'admin' && wanted !== 'scim');

/** A role is open only while nobody proves it (and, when exposed, while nobody proves any). */
function isGuardedBy({ tokens, certificates, exposed, hasClientCa, closed, signIn }: AuthRules, role: Role): boolean {
  if (role === 'scim' || (role === 'read' && signIn !== undefined)) return true;
  if (closed.includes(role) || certificates.length > 0 || (hasClientCa && role === 'admin')) return true;
  return exposed ? tokens.size > 0 : rolesOf(tokens).some((held) => grants(held, role));
}

/** Of thousands of tokens: asked with every request. */
const roles = new WeakMap<AuthRules['tokens'], readonly Role[]>();
const rolesOf = (tokens: AuthRules['tokens']): readonly Role[] =>
  roles.getOrInsertComputed(tokens, () => [...new Set(tokens.values().map(({ role }) => role))]);

type Access = Pick<Config, 'server' | 'auth'>;

/** Does this configuration ask for a token before it lets somebody in a role? */
export const isGuarded = ({ server, auth }: Access, role: Role): boolean =>
  isLoopback(server.host) ? auth.tokens.some((token) => grants(token.role, role)) : auth.tokens.length > 0;

/** Reads the token files. Throws `invalid` naming the key. */
export const readAuthRules = ({ server, auth }: Access, storedUser: StoredUser, signIn?: SignInRules): AuthRules => ({
  tokens: indexByHash(auth.tokens, storedUser),
  certificates: certificatesOf(auth.certificates, storedUser),
  exposed: !isLoopback(server.host),
  hasClientCa: server.tls?.client_ca_file !== undefined,
  closed: [],
  ...(signIn !== undefined && { signIn }),
});

/** `rules` is asked at each request, so that what it gives may change. */
export function authenticatorBy(rules: () => AuthRules, now: () => number = Date.now): Authenticator {
  const authenticate: Authenticate = (authorization, role, certificate, cookies) => {
    const presented = presentedToken(authorization);
    const signedIn = presented === undefined && role === 'read' ? signedInBy(rules(), cookies, now()) : undefined;
    return signedIn ?? decide(rules(), presented, role, certificate);
  };
  return Object.assign(authenticate, {
    isGuarded: (role: Role) => isGuardedBy(rules(), role),
    hasRole: (role: Role) => {
      const { tokens, certificates } = rules();
      return [...tokens.values(), ...certificates].some((known) => known.role === role);
    },
  });
}

/** The bearer token of an Authorization header. Claude Code sends what stands in OTEL_EXPORTER_OTLP_HEADERS over HTTP as it is, `Bearer%20…`, too. */
export const presentedToken = (authorization: string | undefined): string | undefined => /^Bearer(?: +|%20)(\S+) *$/i.exec(authorization ?? '')?.[1];

/** The same each time: what is known of a sender is remembered by it. */
const NOBODY: Credentials = Object.freeze({});

function decide(rules: AuthRules, presented: string | undefined, role: Role, certificate: ClientCertificate | undefined): Credentials {
  // Looking up the hash compares nothing of the secret itself, so how long it takes is of no use to anybody.
  const token = presented === undefined ? undefined : rules.tokens.get(sha256(presented));
  if (token !== undefined && grants(token.role, role)) return token.credentials;
  if (presented === undefined && rules.certificates.length > 0 && certificate !== undefined) return ofCertificate(rules, certificate, role);
  if (!isGuardedBy(rules, role)) return token?.credentials ?? NOBODY;
  if (token !== undefined) throw lacksRole(`Token "${token.credentials.name}"`, token.role, role);
  throw new LedgerlineError('unauthenticated', presented === undefined ? 'A bearer token is required.' : 'The bearer token is unknown.', {
    hint: 'Send "Authorization: Bearer <token>" with a token whose hash is in auth.tokens.',
  });
}

function signedInBy({ signIn }: AuthRules, cookies: string | undefined, nowMs: number): Credentials | undefined {
  const session = signIn === undefined ? undefined : sessionIn(signIn, cookies, nowMs);
  if (signIn === undefined || session === undefined) return undefined;
  const { user, untilMs } = session;
  return { name: 'sign-in', user, scope: scopeOfRules(signIn, session), signedInUntilMs: untilMs };
}

function ofCertificate({ certificates }: AuthRules, certificate: ClientCertificate, role: Role): Credentials {
  const known = certificates.find(({ subject }) => hasSubject(certificate, subject));
  const who = `Certificate ${describeSubject(certificate)}`;
  if (known === undefined) throw new UnknownCertificateError(describeSubject(certificate));
  if (grants(known.role, role)) return known.credentials;
  throw lacksRole(who, known.role, role);
}

/** A client certificate that no entry of auth.certificates names. */
export class UnknownCertificateError extends LedgerlineError {
  readonly subject: string;

  constructor(subject: string) {
    super('forbidden', `Certificate ${subject} is named by no entry of auth.certificates.`, {
      hint: 'Add an entry with its subject, or use a certificate that has one.',
    });
    this.subject = subject;
  }
}

/** A token or certificate that is known, but for another role. */
export class RoleError extends LedgerlineError {}

const lacksRole = (who: string, held: Role, wanted: Role): RoleError =>
  new RoleError('forbidden', `${who} has the role ${held}; ${wanted} is needed.`, {
    hint: 'Use another one, or change its role in auth.tokens or auth.certificates.',
  });

/** Refuses to open the ports to others while nobody has to prove who they are. Throws `invalid`. */
export function assertSafeBinding(config: Access): void {
  const { host, insecure, tls } = config.server;
  if (isLoopback(host) || insecure || tls?.client_ca_file !== undefined || config.auth.tokens.length > 0) return;
  const why = tls === undefined ? 'neither tokens nor client certificates guard the ports' : 'TLS alone lets everybody in';
  throw new LedgerlineError('invalid', `server.host is ${host}, which other machines can reach, but ${why}.`, {
    hint: 'Add a token to auth.tokens, or server.tls.client_ca_file, or bind server.host to 127.0.0.1, or accept the risk with server.insecure: true.',
  });
}

/** What a sender proved about itself: the bearer token it used, or the client certificate. Empty when it proved nothing. */
export interface Credentials {
  readonly name?: string;
  readonly organization?: string;
  readonly team?: string;
  readonly user?: string;
  readonly workspace?: string;
  /** Of CI: "ci:repository/workflow", or "ci:repository/*" where the sender says which workflow it is. */
  readonly job?: string;
  /** 'api_spans': what the provider's API itself exports; omitted for telemetry of clients. */
  readonly sends?: 'api_spans';
  /** What it may read. Left out where it may send alone, and where nothing had to be proved: whoever is let in then reads everything. */
  readonly scope?: ReadScope;
  /** Of those who are signed in: when that is over, epoch milliseconds. */
  readonly signedInUntilMs?: number;
}
