/** What a provider says of somebody, against the rules of `auth.oidc`. Pure. */
import type { OidcConfig } from '../../config/oidc.ts';
import { LedgerlineError } from '../../core/error.ts';

export type ClaimSet = Readonly<Record<string, unknown>>;

const NAMES_SHOWN = 20;

/** Says whether the address is one that the provider has seen to be the user's. */
export const VERIFIED_CLAIM = 'email_verified';

/** Claims that are looked at. */
export const wantedClaims = ({ rules, user_claim }: Pick<OidcConfig, 'rules' | 'user_claim'>): readonly string[] => [
  ...new Set([user_claim, ...(user_claim === 'email' ? [VERIFIED_CLAIM] : []), ...rules.flatMap(({ claim }) => claim ?? [])]),
];

export interface Recognized {
  readonly user: string;
  /** Of the rules that fit, at least one. */
  readonly rules: readonly number[];
}

/** Throws `forbidden` for somebody without a name, and for one whom no rule fits. Of claims it says the names, never the values. */
export function recognize(claims: ClaimSet, { rules, user_claim }: Pick<OidcConfig, 'rules' | 'user_claim'>): Recognized {
  const user = claims[user_claim];
  const seen = `The claims that came are ${Object.keys(claims).sort().slice(0, NAMES_SHOWN).join(', ')}.`;
  if (typeof user !== 'string' || user.trim() === '') {
    throw new LedgerlineError('forbidden', `The provider says no ${user_claim} of you, so that it is not known which records are yours.`, {
      hint: `${seen} Whoever runs Ledgerline names the claim with the user in auth.oidc.user_claim, or asks for it with auth.oidc.scopes.`,
    });
  }
  // Whoever may write any address into an account of the provider would see what is somebody else's.
  if (user_claim === 'email' && isDenied(claims[VERIFIED_CLAIM])) {
    throw new LedgerlineError('forbidden', 'The provider has not verified your address.', {
      hint: 'Confirm the address with the provider, then sign in again.',
    });
  }
  const fitting = rules.flatMap((rule, index) => (fits(rule, claims) ? [index] : []));
  if (fitting.length > 0) return { user, rules: fitting };
  throw new LedgerlineError('forbidden', 'You are signed in with the provider, and may see nothing here: no rule of auth.oidc.rules fits.', {
    hint: `${seen} Ask whoever runs Ledgerline for a rule, or the provider for a group.`,
  });
}

/** Some providers say it as text. */
const isDenied = (claim: unknown): boolean => String(claim).trim().toLowerCase() === 'false';

/** A claim may be a text, a number, true or false, or a list of them. */
function fits({ claim, value, values }: OidcConfig['rules'][number], claims: ClaimSet): boolean {
  if (claim === undefined) return true;
  const wanted = values ?? (value === undefined ? [] : [value]);
  return [claims[claim]].flat().some((own) => own !== null && typeof own !== 'object' && own !== undefined && wanted.includes(String(own)));
}
