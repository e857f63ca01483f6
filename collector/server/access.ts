/** Tokens, certificates of clients and our own certificate, as they are now: replaced as a whole while connections live. */
import type { Config } from '../config/config.ts';
import { type Authenticator, type AuthRules, authenticatorBy, readAuthRules } from './auth.ts';
import { type NamedScope, namedScopes, type StoredUser } from './reader-scope.ts';
import type { SignInRules } from './sign-in.ts';
import { loadTls, type TlsMaterial, type TlsSource } from './tls.ts';

/** Plain data, to be handed to another thread. */
export interface AccessMaterial {
  readonly rules: AuthRules;
  /** What the rules let readers see, for those who look after them. */
  readonly scopes: readonly NamedScope[];
  readonly tls?: TlsMaterial;
}

export interface Access {
  readonly authenticate: Authenticator;
  /** What is in force. */
  readonly material: AccessMaterial;
  /** Undefined while server.tls is not configured. */
  readonly tls: TlsSource | undefined;
  /** From the next request and the next connection on. TLS is neither begun nor ended by it. */
  replace(material: AccessMaterial): void;
}

/** Reads every file. Throws `invalid` naming the key. */
export function readAccess(config: Pick<Config, 'server' | 'auth'>, storedUser: StoredUser, signIn?: SignInRules): AccessMaterial {
  const tls = loadTls(config.server.tls);
  return { rules: readAuthRules(config, storedUser, signIn), scopes: namedScopes(config.auth, storedUser), ...(tls !== undefined && { tls }) };
}

export function createAccess(first: AccessMaterial): Access {
  let current = first;
  const listeners: ((material: TlsMaterial) => void)[] = [];
  const source = (tls: TlsMaterial): TlsSource => ({
    get current() {
      return current.tls ?? tls;
    },
    onChange: (listener) => void listeners.push(listener),
  });
  return {
    authenticate: authenticatorBy(() => current.rules),
    get material() {
      return current;
    },
    tls: first.tls === undefined ? undefined : source(first.tls),
    replace: (material) => {
      const { tls: before } = current;
      current = material;
      if (material.tls !== undefined && JSON.stringify(material.tls) !== JSON.stringify(before))
        for (const listener of listeners) listener(material.tls);
    },
  };
}
