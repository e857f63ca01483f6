/** Why a connection failed, in words that say where to look. Node's, OpenSSL's and nodemailer's codes; none of them names the address. */

const CERTIFICATE = 'its certificate is not trusted here; NODE_EXTRA_CA_CERTS names a file with the authority that signed it';
const NO_TLS = 'it does not speak TLS at that port; check the port, and whether TLS is meant';

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host; check its name, and DNS',
  EDNS: 'there is no such host; check its name, and DNS',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'nothing listens at that port; check the port, and whether it runs',
  EHOSTUNREACH: 'there is no way to that host; check the network and its firewalls',
  ENETUNREACH: 'there is no way to that host; check the network and its firewalls',
  ETIMEDOUT: 'it does not answer; check the host, the port and the firewalls between',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer; check the host, the port and the firewalls between',
  ECONNRESET: 'it closed the connection; check the port, and whether https:// is meant',
  UND_ERR_SOCKET: 'it closed the connection; check the port, and whether https:// is meant',
  EPIPE: 'it closed the connection; check the port, and whether https:// is meant',
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name; check the address',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
};

/** An error by its looks: one that came through another realm or a library is no instance of ours. */
interface ErrorLike {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}
const isErrorLike = (value: unknown): value is ErrorLike =>
  typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';

/** Undefined where nothing is known that helps. An error may wrap the one that says why. */
export function connectionReason(error: unknown): string | undefined {
  if (!isErrorLike(error)) return undefined;
  const { message, cause, errors } = error;
  // A failed attempt over several addresses has an error for each of them.
  const inner = connectionReason(cause) ?? (Array.isArray(errors) ? connectionReason(errors[0]) : undefined);
  if (inner !== undefined) return inner;
  if (/wrong version number|packet length too long/.test(message)) return `${NO_TLS} (${codeOf(error) || 'TLS'})`;
  if (message === 'bad port') return 'that port is reserved for something else; check the port';
  const code = [codeOf(error), /\b(E[A-Z_]{4,})\b/.exec(message)?.[1] ?? ''].find((name) => WORDS[name] !== undefined);
  return code === undefined ? undefined : `${WORDS[code]} (${code})`;
}

/** '' where it has none. */
export const codeOf = (error: unknown): string => (isErrorLike(error) && error.code !== undefined ? String(error.code).slice(0, 60) : '');

export const messageOf = (error: unknown): string => (isErrorLike(error) ? error.message : String(error));

/** Two sentences, the second of which may be ''. */
export const sentences = (first: string, second: string): string => (second === '' ? first : `${first.replace(/[.\s]*$/, '')}. ${second}`);
