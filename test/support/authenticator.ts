/** Authenticators and certificates that stay as they are, of what a test names. */
import { type Config, defaultConfig } from '../../collector/config/config.ts';
import { type Authenticator, authenticatorBy, readAuthRules } from '../../collector/server/auth.ts';
import type { SignInRules } from '../../collector/server/sign-in.ts';
import type { TlsMaterial, TlsSource } from '../../collector/server/tls.ts';

export interface AuthenticatorOptions {
  readonly certificates?: Config['auth']['certificates'];
  /** Can others than this machine reach the ports? */
  readonly exposed?: boolean;
  readonly hasClientCa?: boolean;
  readonly signIn?: SignInRules;
  readonly now?: () => number;
}

/** Reads the token files once. */
export function createAuthenticator(tokens: readonly Config['auth']['tokens'][number][], options: AuthenticatorOptions = {}): Authenticator {
  const { certificates = [], exposed = false, hasClientCa = false } = options;
  const { server } = defaultConfig();
  const tls = hasClientCa ? { cert_file: '', key_file: '', client_ca_file: '' } : undefined;
  const rules = readAuthRules(
    {
      server: { ...server, host: exposed ? '0.0.0.0' : '127.0.0.1', ...(tls !== undefined && { tls }) },
      auth: { tokens: [...tokens], certificates },
    },
    (user) => user,
    options.signIn,
  );
  return authenticatorBy(() => rules, options.now);
}

export const fixedTls = (current: TlsMaterial): TlsSource => ({ current, onChange: () => undefined });
