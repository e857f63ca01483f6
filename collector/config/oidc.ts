/** The section `auth.oidc`: people sign in to the page with their own provider, by OpenID Connect. */
import { z } from 'zod';
import { readScopeSchema } from './read-scope.ts';

const THIS_MACHINE = ['127.0.0.1', '[::1]', 'localhost'];

/** Tokens and cookies would be read on the way, so plain HTTP is for this machine alone. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  return username === '' && search === '' && hash === '' && (protocol === 'https:' || (protocol === 'http:' && THIS_MACHINE.includes(hostname)));
}

const address = z.string().refine(isSafeAddress, 'must be an address that begins with https:// (http:// for this machine alone)');
const origin = address.refine((text) => !URL.canParse(text) || new URL(text).pathname === '/', 'must be an address without a path');

const rule = z
  .strictObject({
    claim: z.string().min(1).optional().describe('Claim of the provider that is looked at, such as groups. Left out: the rule is for everybody.'),
    value: z.string().min(1).optional().describe('Value that the claim must have, or have among others.'),
    values: z.array(z.string().min(1)).min(1).optional().describe('The same for any of several.'),
    scope: readScopeSchema,
  })
  .superRefine(({ claim, value, values }, context) => {
    const wrong = (message: string): void => context.addIssue({ code: 'custom', message });
    if (claim === undefined && (value !== undefined || values !== undefined)) wrong('has a value and no claim; add claim, such as claim: groups');
    if (claim !== undefined && (value === undefined) === (values === undefined)) wrong('needs exactly one of value and values beside claim');
  });

export const oidcSchema = z
  .strictObject({
    issuer: address.describe('Issuer of the provider; its discovery document is below it.'),
    client_id: z.string().min(1),
    client_secret_file: z.string().optional().describe('File that holds the secret of the client. Left out: a public client, with PKCE alone.'),
    base_url: origin.describe('Address of the page as browsers have it. The provider has to know {base_url}/auth/callback as redirect URI.'),
    scopes: z.array(z.string().min(1)).min(1).default(['openid', 'email', 'profile']).describe('What is asked of the provider.'),
    user_claim: z.string().min(1).default('email').describe('Claim with the user as the ledger knows them.'),
    session_hours: z
      .number()
      .gt(0)
      .max(24 * 7)
      .default(8)
      .describe('After so long one signs in again. It is not renewed in between.'),
    rules: z
      .array(rule)
      .min(1)
      .describe(
        'Who sees what. The first rule that fits decides which kind (all, self, or lists of the same keys); further ones of that kind add to it.',
      ),
  })
  .superRefine(({ scopes }, context) => {
    if (!scopes.includes('openid')) context.addIssue({ code: 'custom', path: ['scopes'], message: 'must have openid among them' });
  });

export type OidcConfig = z.output<typeof oidcSchema>;
