/** The key that seals the cookies of those who are signed in. */
import type { Config } from '../config/config.ts';
import { KEPT_FILES } from '../config/data-folder.ts';
import { loadStoredUser } from '../ingest/attribution/pseudonym.ts';
import { type SignInRules, signInRulesOf } from '../server/sign-in.ts';
import { loadKey } from './kept-key.ts';

/** Undefined where the configuration asks for no sign-in. Rejects with `invalid` for a file that holds no key. */
export async function loadSignIn(config: Config): Promise<SignInRules | undefined> {
  const { oidc } = config.auth;
  return oidc === undefined
    ? undefined
    : signInRulesOf(oidc, await loadKey(config, KEPT_FILES.signInKey, 'everybody signs in again'), loadStoredUser(config.attribution));
}
