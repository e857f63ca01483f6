/** What a user or a group of SCIM says for the directory. */
import { z } from 'zod';
import type { Fact, ScimKind, ScimResource } from '../../directory/store.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const userSchema = z.object({
  userName: z.string(),
  externalId: z.string().optional(),
  displayName: z.string().optional(),
  name: z.object({ formatted: z.string().optional() }).optional(),
  emails: z.array(z.object({ value: z.string().optional(), primary: z.boolean().optional() })).optional(),
  [ENTERPRISE]: z.object({ department: z.string().optional(), costCenter: z.string().optional() }).optional(),
});

const groupSchema = z.object({ displayName: z.string(), members: z.array(z.object({ value: z.string() })).optional() });

const NAME_MAX = 200;

export function factsOf(kind: ScimKind, body: ScimResource['body']): readonly Fact[] {
  const facts = kind === 'User' ? userFacts(userSchema.parse(body)) : groupFacts(groupSchema.parse(body));
  return facts.map(({ fact, value }) => ({ fact, value: factValue(value) })).filter(({ value }) => value !== '');
}

/** Empty where it says nothing. */
export const factValue = (text: string): string => text.trim().slice(0, NAME_MAX);

function userFacts({ userName, externalId, displayName, name, emails = [], [ENTERPRISE]: enterprise }: z.infer<typeof userSchema>): Fact[] {
  const primary = emails.find((email) => email.primary === true) ?? emails[0];
  const stated = (fact: Fact['fact'], value: string | undefined): Fact[] => (value === undefined ? [] : [{ fact, value }]);
  return [
    { fact: 'login', value: userName },
    ...stated('email', primary?.value),
    ...stated('name', externalId),
    ...emails.flatMap((email) => (email === primary ? [] : stated('name', email.value))),
    ...stated('display', displayName ?? name?.formatted),
    ...stated('department', enterprise?.department),
    ...stated('cost_center', enterprise?.costCenter),
  ];
}

const groupFacts = ({ displayName, members = [] }: z.infer<typeof groupSchema>): Fact[] => [
  { fact: 'title', value: displayName },
  ...members.map(({ value }): Fact => ({ fact: 'member', value })),
];
