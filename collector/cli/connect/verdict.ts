/** What became of a probe, in a sentence, and what to do about it. */
import { PORTS } from '../../catalog/names.ts';
import { PROBE } from '../../catalog/probe.ts';
import type { Sent } from './send.ts';
import type { Target } from './target.ts';

export interface Verdict {
  readonly arrived: boolean;
  readonly message: string;
  /** '' where there is nothing to do. */
  readonly remedy: string;
}

type Asked = Pick<Target, 'url' | 'protocol' | 'headers' | 'env'> & { readonly id: string };

const no = (message: string, remedy: string): Verdict => ({ arrived: false, message, remedy });

export function verdictOf(sent: Sent, asked: Asked): Verdict {
  if (sent.kind === 'failed') return ofFailure(`${sent.code} ${sent.text}`, asked);
  const isAccepted = sent.kind === 'http' ? sent.status === 200 : sent.code === 0;
  if (!isAccepted) return sent.kind === 'http' ? ofStatus(sent, asked) : ofGrpc(sent, asked);
  if (sent.message.includes(asked.id)) return { arrived: true, message: `${sent.message.replace(` ${asked.id}`, '')}`, remedy: '' };
  if (sent.kind === 'http' && /html/i.test(sent.type)) return html(asked);
  return no(
    `Something at ${asked.url.host} accepts the export, but does not say that it is this version of Ledgerline: an OpenTelemetry Collector, a gateway, or an older version.`,
    `Look there whether it passes logs and metrics on; at Ledgerline, ledgerline_receiver_ignored_records{name="${PROBE}"} counts the probes that arrive.`,
  );
}

const html = ({ url }: Asked): Verdict =>
  no(
    `${url.host} answers with a web page: a gateway or a sign-in page stands before the collector.`,
    'Let the gateway pass POST /v1/logs and /v1/metrics with their Authorization header, or name an address behind it in --otlp-url.',
  );

/** By code of Node, OpenSSL or the words of gRPC; the first that fits. */
const FAILURES: readonly (readonly [RegExp, (asked: Asked) => Verdict])[] = [
  [
    /PROXY/,
    ({ env }) =>
      no(
        `The proxy ${proxyOf(env)} does not let the export through.`,
        'Add the host of the collector to NO_PROXY in the env block of the settings, or let the proxy allow it.',
      ),
  ],
  [
    /ServerName to an IP/,
    ({ url }) => no(`Over gRPC with TLS, ${url.hostname} has to be a name.`, 'Use a name that the certificate has, or connect again without --grpc.'),
  ],
  [
    /ENOTFOUND|EAI_AGAIN|Name resolution failed/,
    ({ url }) => no(`There is no host ${url.hostname}, as far as this machine knows.`, 'Check the spelling of the address, and DNS or VPN.'),
  ],
  [
    /ECONNREFUSED/,
    ({ url, env }) =>
      no(
        `Nothing listens at ${url.host}.`,
        `Start the collector, and check the port: OTLP is ${PORTS.otlpHttp} over HTTP and ${PORTS.otlpGrpc} over gRPC by default.${viaProxy(env)}`,
      ),
  ],
  [
    /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ABORT_ERR|TimeoutError|Deadline exceeded/i,
    ({ url, env }) => no(`${url.host} does not answer.`, `Check VPN and firewall, and the port.${viaProxy(env)}`),
  ],
  [
    /ALTNAME/,
    ({ url }) => no(`The certificate at ${url.host} is not for ${url.hostname}.`, 'Use a name that the certificate has, or get one for this name.'),
  ],
  [
    /CERT_HAS_EXPIRED|certificate has expired/,
    ({ url }) => no(`The certificate at ${url.host} has expired.`, 'Renew it at the collector, or at the proxy before it.'),
  ],
  [
    /SELF_SIGNED|UNABLE_TO_|UNTRUSTED|self.signed|unable to (?:verify|get)/i,
    ({ url, protocol }) =>
      no(
        `The certificate at ${url.host} comes from an authority that this machine does not know.`,
        `Name the file of the authority in ${protocol === 'grpc' ? 'OTEL_EXPORTER_OTLP_CERTIFICATE' : 'NODE_EXTRA_CA_CERTS'}, in the env block of the settings.`,
      ),
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED|certificate required|ALERT_BAD_CERTIFICATE|bad certificate/i,
    ({ url, protocol }) =>
      no(
        `${url.host} asks for a client certificate.`,
        `Set ${protocol === 'grpc' ? 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY' : 'CLAUDE_CODE_CLIENT_CERT and CLAUDE_CODE_CLIENT_KEY'} in the env block of the settings.`,
      ),
  ],
  [
    /WRONG_VERSION_NUMBER|wrong version number|PACKET_LENGTH_TOO_LONG|packet length too long|EPROTO/i,
    ({ url }) => no(`${url.host} does not speak TLS.`, 'Write http:// in the address, or set up TLS at the collector.'),
  ],
  [/HPE_|Parse Error|Protocol error|HTTP\/2/i, ({ url, protocol }) => no(`${url.host} does not speak ${spoken(protocol)}.`, portRemedy(protocol))],
  [
    /ECONNRESET|EPIPE|socket hang up|UNAVAILABLE|Connection dropped/i,
    ({ url, protocol }) =>
      no(
        `${url.host} closes the connection.`,
        `${url.protocol === 'http:' ? 'Where it speaks TLS, write https:// in the address. ' : ''}${portRemedy(protocol)}`,
      ),
  ],
];

const ofFailure = (text: string, asked: Asked): Verdict =>
  FAILURES.find(([pattern]) => pattern.test(text))?.[1](asked) ??
  no(`The export to ${asked.url.host} failed: ${text.trim().slice(0, 200)}.`, 'Check the address and the network.');

const spoken = (protocol: Target['protocol']): string => (protocol === 'grpc' ? 'gRPC' : 'OTLP over HTTP');

const portRemedy = (protocol: Target['protocol']): string =>
  protocol === 'grpc'
    ? `Check the port: gRPC is ${PORTS.otlpGrpc} by default, or connect again without --grpc.`
    : `Check the port: OTLP over HTTP is ${PORTS.otlpHttp} by default, ${PORTS.otlpGrpc} is gRPC and ${PORTS.api} the boards.`;

function proxyOf({ https_proxy, HTTPS_PROXY, http_proxy, HTTP_PROXY }: Target['env']): string {
  const proxy = https_proxy || HTTPS_PROXY || http_proxy || HTTP_PROXY || '';
  return URL.canParse(proxy) ? new URL(proxy).host : proxy;
}

const viaProxy = (env: Target['env']): string =>
  proxyOf(env) === '' ? '' : ` The proxy ${proxyOf(env)} is in use: add the host to NO_PROXY if it is not meant to be.`;

const TOKEN_REMEDY = 'Connect again with --token-file and a token of the role ingest from auth.tokens, whole and without quotes.';

function ofStatus({ status, type, text }: Extract<Sent, { kind: 'http' }>, asked: Asked): Verdict {
  const { url, headers, protocol, env } = asked;
  if (status === 407)
    return no(
      `The proxy ${proxyOf(env)} wants a user and a password.`,
      'Add the host of the collector to NO_PROXY in the env block of the settings, or put them into the address of the proxy.',
    );
  if (/html/i.test(type) || (status >= 300 && status < 400)) return html(asked);
  if (status === 401)
    return no(
      headers.authorization === undefined ? `${url.host} wants a token, and the settings have none.` : `${url.host} does not know the token.`,
      TOKEN_REMEDY,
    );
  if (status === 403 && !/(?:read|admin) is needed/.test(text))
    return no(
      `${url.host} knows who sends, but does not let them send: ${sentence(text)}`,
      'Give the token the role ingest in auth.tokens; where the host is refused, name it in server.allowed_hosts.',
    );
  if (status === 429) return no(`${url.host} has got too many wrong tokens from here.`, 'Wait some seconds, and try again with the right token.');
  if (status === 502 || status === 504)
    return no(
      `The gateway at ${url.host} does not reach the collector (${status}).`,
      'Check that the collector runs, and where the gateway sends to.',
    );
  if (status === 503) return no(`${url.host} takes no exports at the moment: ${sentence(text)}`, 'Try again in a minute.');
  return no(`${url.host} answers ${status} to ${url.pathname}: it is not where OTLP is received.`, portRemedy(protocol));
}

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const DEADLINE = 4;
const EXHAUSTED = 8;

function ofGrpc({ code, text }: Extract<Sent, { kind: 'grpc' }>, asked: Asked): Verdict {
  const as = (status: number): Verdict => ofStatus({ kind: 'http', status, type: '', text, message: '' }, asked);
  switch (code) {
    case UNAUTHENTICATED:
      return as(401);
    case PERMISSION_DENIED:
      return as(403);
    case EXHAUSTED:
      return as(429);
    case UNIMPLEMENTED:
      return no(`${asked.url.host} does not receive OTLP over gRPC.`, portRemedy('grpc'));
    case DEADLINE:
      return ofFailure('Deadline exceeded', asked);
    case UNAVAILABLE:
      return ofFailure(text === '' ? 'UNAVAILABLE' : text, asked);
    default:
      return ofFailure(text, asked);
  }
}

/** What the collector said: a text, or the message of a status in JSON. */
function sentence(text: string): string {
  const plain = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return plain
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300);
}
