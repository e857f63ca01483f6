/** The provider that people sign in with: found by its issuer when somebody first signs in, and looked for again while it does not answer. */
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import type { OidcConfig } from '../../config/oidc.ts';
import { LedgerlineError } from '../../core/error.ts';
import { type ClaimSet, VERIFIED_CLAIM, wantedClaims } from './claims.ts';

/** What a browser takes along to the provider and back. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Provider {
  begin(): Promise<{ readonly begun: Begun; readonly url: URL }>;
  /** The claims of whoever comes back with `url`. Throws `forbidden`, `invalid` or `unavailable`. */
  finish(url: URL, begun: Begun): Promise<ClaimSet>;
  /** Where one signs out of the provider, too; undefined where it does not say. */
  endUrl(): Promise<URL | undefined>;
}

/** Seconds for each answer of the provider. */
const TIMEOUT_S = 10;

export const callbackOf = ({ base_url }: Pick<OidcConfig, 'base_url'>): string => new URL('/auth/callback', base_url).href;

/** Reads the file of the secret. Throws `invalid` where that is not possible. */
export function createProvider(oidc: OidcConfig): Provider {
  const secret = readSecret(oidc.client_secret_file);
  let found: Promise<client.Configuration> | undefined;
  const configuration = (): Promise<client.Configuration> => {
    found ??= discover(oidc, secret).catch((cause: unknown) => {
      found = undefined;
      throw silent(oidc, cause);
    });
    return found;
  };
  return {
    begin: async () => {
      const verifier = client.randomPKCECodeVerifier();
      const begun = { state: client.randomState(), nonce: client.randomNonce(), verifier };
      const url = client.buildAuthorizationUrl(await configuration(), {
        ...{ redirect_uri: callbackOf(oidc), scope: oidc.scopes.join(' '), state: begun.state, nonce: begun.nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      });
      return { begun, url };
    },
    finish: async (url, { state, nonce, verifier }) => {
      const own = await configuration();
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
      const tokens = await client.authorizationCodeGrant(own, url, checks).catch((cause: unknown) => {
        throw refused(oidc, cause);
      });
      return claimsOf(tokens, own, oidc);
    },
    endUrl: async () => {
      const own = await configuration();
      if (own.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(own, { post_logout_redirect_uri: new URL('/', oidc.base_url).href });
    },
  };
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

/** Many providers say groups, and whether they have verified the address, only where one asks for them. */
async function claimsOf(tokens: Tokens, own: client.Configuration, oidc: OidcConfig): Promise<ClaimSet> {
  const claims: ClaimSet = { ...tokens.claims() };
  const missing = wantedClaims(oidc).filter((name) => !(name in claims));
  if (missing.length === 0 || own.serverMetadata().userinfo_endpoint === undefined) return claims;
  const more = await client.fetchUserInfo(own, tokens.access_token, String(claims.sub)).catch((cause: unknown) => {
    // Nobody needs to be asked for what many never say: there are endpoints that take no token of this sign-in.
    if (missing.every((name) => name === VERIFIED_CLAIM)) return {};
    throw refused(oidc, cause);
  });
  return { ...more, ...claims };
}

async function discover({ issuer, client_id }: OidcConfig, secret: string | undefined): Promise<client.Configuration> {
  const authentication = secret === undefined ? client.None() : client.ClientSecretPost(secret);
  // The configuration allows plain HTTP for this machine alone.
  const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
  return client.discovery(new URL(issuer), client_id, {}, authentication, { execute, timeout: TIMEOUT_S });
}

function readSecret(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LedgerlineError('invalid', `auth.oidc.client_secret_file: cannot read ${file}.`, {
      cause,
      hint: 'Check the path and the permissions.',
    });
  }
}

const silent = ({ issuer }: OidcConfig, cause: unknown): LedgerlineError =>
  new LedgerlineError('unavailable', `The provider ${issuer} does not answer as one of OpenID Connect.`, {
    cause,
    hint: 'Try again later. Whoever runs Ledgerline checks auth.oidc.issuer, and whether this machine reaches it. A token still works.',
  });

/** The reasons of the library and the provider hold no secrets, but they are the provider's words: those of the protocol alone are passed on. */
function refused(oidc: OidcConfig, cause: unknown): LedgerlineError {
  const code = codeOf(cause);
  if (code === 'access_denied')
    return new LedgerlineError('forbidden', 'The provider has refused the sign-in.', { cause, hint: 'Sign in again, and agree.' });
  if (code === 'invalid_grant')
    return new LedgerlineError('invalid', 'This sign-in was used already, or took too long.', { cause, hint: 'Sign in again.' });
  if (code === 'invalid_client')
    return new LedgerlineError('unavailable', 'The provider does not accept this collector.', {
      cause,
      hint: 'Whoever runs Ledgerline checks auth.oidc.client_id and the secret in auth.oidc.client_secret_file.',
    });
  if (isNetwork(cause)) return silent(oidc, cause);
  return new LedgerlineError('invalid', 'The answer of the provider does not belong to this sign-in, or is not valid.', {
    cause,
    hint: 'Sign in again.',
  });
}

const codeOf = (cause: unknown): string =>
  cause instanceof client.ResponseBodyError || cause instanceof client.AuthorizationResponseError ? cause.error : '';

/** What fetch rejects with, and its time-out. */
const isNetwork = (cause: unknown): boolean =>
  (cause instanceof client.ClientError && (cause.code === 'OAUTH_TIMEOUT' || cause.code === undefined)) || cause instanceof TypeError;
