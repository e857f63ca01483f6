/** The addresses of one collector: where clients send, and where the guard and the status line ask. */
import { PORTS } from '../../catalog/names.ts';
import { LedgerlineError } from '../../core/error.ts';

export interface Addresses {
  /** Without a slash at its end. */
  readonly otlp: string;
  readonly api: string;
}

export interface AddressOptions {
  readonly otlpUrl?: string;
  readonly apiUrl?: string;
  readonly grpc?: boolean;
}

const invalid = (message: string, hint: string): LedgerlineError => new LedgerlineError('invalid', message, { hint });
const EXAMPLE = 'Write it as https://ledgerline.example.com or http://127.0.0.1:4318.';

function parse(text: string, name: string): URL {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.canParse(hasScheme ? text : `http://${text}`) ? new URL(hasScheme ? text : `http://${text}`) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid(`${name} is not an address of the form http(s)://HOST:PORT.`, EXAMPLE);
  if (!hasScheme) throw invalid(`${name} ${text} has no scheme.`, `Did you mean http://${text} or https://${text}?`);
  if (url.username !== '' || url.password !== '')
    throw invalid(`${name} holds a password, which settings do not keep secret.`, 'Leave it out, and name the token in --token-file.');
  if (url.search !== '' || url.hash !== '') throw invalid(`${name} has a query or a fragment.`, EXAMPLE);
  return url;
}

const shown = (url: URL): string => url.href.replace(/\/+$/, '');

function onPort(url: URL, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return shown(other);
}

/** As it is written: an address that was read keeps 80 and 443 to itself. */
const portIn = (text: string): number => Number(/^[a-z]+:\/\/[^/]*:(\d+)(?:\/|$)/i.exec(text)?.[1] ?? 0);

const USUAL_PORTS: readonly number[] = Object.values(PORTS);

/**
 * From one address, which may name any of the ports. One without a port has the usual ones; where everything is behind one port of a proxy, or
 * elsewhere, both have to be named. Throws `invalid`.
 */
export function addressesOf(given: string, { otlpUrl, apiUrl, grpc = false }: AddressOptions): Addresses {
  const url = parse(given, 'The address');
  const otlpPort = grpc ? PORTS.otlpGrpc : PORTS.otlpHttp;
  const own = portIn(given);
  const isOtlp = own !== 0 && !USUAL_PORTS.includes(own);
  return {
    otlp: otlpUrl === undefined ? (isOtlp ? shown(url) : onPort(url, otlpPort)) : shown(parse(otlpUrl, '--otlp-url')),
    api: apiUrl === undefined ? (own === PORTS.api ? shown(url) : onPort(url, PORTS.api)) : shown(parse(apiUrl, '--api-url')),
  };
}
