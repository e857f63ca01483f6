/** A real provider of OpenID Connect on a free port, with its forms for signing in and agreeing, and a browser that fills them in. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface TestProvider {
  readonly issuer: string;
  readonly secret: string;
  /** Claims by the name that is typed into the form; they may change. */
  readonly people: Record<string, Record<string, unknown>>;
  /** Those that already stand in the ID token, by the same name. */
  readonly idTokens: Record<string, Record<string, unknown>>;
  stop(): Promise<void>;
}

const SECRET = 'a secret of the client that nobody guesses';

export async function startProvider(baseUrl: string): Promise<TestProvider> {
  const people: TestProvider['people'] = {};
  const idTokens: TestProvider['idTokens'] = {};
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: 'ledgerline', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_post' },
        ...{ redirect_uris: [`${baseUrl}/auth/callback`], post_logout_redirect_uris: [`${baseUrl}/`] },
        ...{ grant_types: ['authorization_code'], response_types: ['code'] },
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: async (use: string) => ({ sub: accountId, ...(use === 'id_token' ? idTokens : people)[accountId] }),
    }),
    pkce: { required: () => true },
    cookies: { keys: ['a key of the provider'] },
  });
  server.on('request', provider.callback());
  return {
    issuer,
    secret: SECRET,
    people,
    idTokens,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The address of the page has to be known to the provider before anything listens there. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly setCookies: readonly string[];
}

/** Keeps cookies by host and port, and follows redirects as far as it is let. */
export class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  jar(url: string): Map<string, string> {
    return this.#jars.getOrInsertComputed(new URL(url).host, () => new Map());
  }

  /** `stopAt`: a redirect to an address that begins so is not followed, and is the page's. */
  async open(
    url: string,
    { form, stopAt, headers = {} }: { form?: Record<string, string>; stopAt?: string; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    const jar = this.jar(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...{ redirect: 'manual', headers: { ...headers, ...(cookie !== '' && { cookie }) } },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) keep(jar, line);
    const location = response.headers.get('location');
    const text = await response.text();
    if (location === null) return { url, status: response.status, text, setCookies };
    const next = new URL(location, url).href;
    if (stopAt !== undefined && next.startsWith(stopAt)) return { url: next, status: response.status, text, setCookies };
    return this.open(next, { ...(stopAt !== undefined && { stopAt }) });
  }

  /** From the page's own link through the forms of the provider, and back. */
  async signIn(loginUrl: string, login: string, options: { stopAt?: string } = {}): Promise<Page> {
    const asked = await this.open(loginUrl, options);
    if (!asked.text.includes('<form')) return asked;
    const agreed = await this.open(actionOf(asked), { ...options, form: { prompt: 'login', login, password: 'any' } });
    return agreed.text.includes('<form') ? this.open(actionOf(agreed), { ...options, form: { prompt: 'consent' } }) : agreed;
  }
}

const actionOf = ({ text, url }: Page): string => new URL(/action="([^"]+)"/.exec(text)?.[1] ?? '', url).href;

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const equals = pair.indexOf('=');
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  const isOver = attributes.some((attribute) => /^max-age=0$/i.test(attribute) || /^expires=.*1970/i.test(attribute));
  if (isOver) jar.delete(name);
  else jar.set(name, value);
}
