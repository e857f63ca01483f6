/** The key that seals the cookies of those who are signed in. */
import type { Config } from '../config/config.ts';
import { signInKeyFileOf } from '../config/data-folder.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import { type SignInRules, signInRulesOf } from '../server/sign-in.ts';
import { loadKey } from './key-file.ts';

/** Undefined where the configuration asks for no sign-in. Throws `invalid` for a file that holds no key. */
export function loadSignIn(config: Pick<Config, 'data' | 'auth' | 'attribution'>): SignInRules | undefined {
  const { oidc } = config.auth;
  return oidc === undefined
    ? undefined
    : signInRulesOf(oidc, loadKey(signInKeyFileOf(config), 'everybody signs in again'), loadStoredUser(config.attribution));
}
