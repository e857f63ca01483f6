/** GET /api/v1/me: who asks, and what they see. */
import { z } from 'zod';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import { SCOPE_DIMENSIONS } from '../catalog/read-scope.ts';
import { showValue } from '../catalog/values.ts';
import { type AnswerOf, instantSchema } from './answer-schemas.ts';
import { storedName, userNames } from './asked-user.ts';
import { question } from './question.ts';
import { renderInstant } from './render.ts';

const answerSchema = z
  .object({
    name: z.string().nullable().describe('Of the token or the certificate; null where nothing had to be proved, and for those who are signed in.'),
    user: z.string().nullable().describe('The user of the token or the sign-in; a pseudonym where the ledger has pseudonyms.'),
    may_read: z.boolean().describe('False for a token that only sends: it may ask what its user has left.'),
    sees_everything: z.boolean(),
    sees: z
      .array(z.object({ dimension: z.enum(SCOPE_DIMENSIONS), values: z.array(z.string()) }))
      .describe('A record is seen that has one of the values in each dimension. Empty for those who see everything, or nothing.'),
    demo: z
      .object({ days_sent: z.number().int(), days: z.number().int() })
      .nullable()
      .describe('Set where the figures are of a made-up organization: how many days of its past have been sent, of how many. Null for real figures.'),
    signed_in_until: instantSchema.nullable().describe('Null for those who are not signed in.'),
  })
  .meta({ id: 'Me' });
export type MeAnswer = AnswerOf<typeof answerSchema>;

const renderDemo = (progress: DemoProgress | null): MeAnswer['demo'] =>
  progress === null ? null : { days_sent: progress.daysSent, days: progress.days };

export const ME = question<undefined, MeAnswer>({
  id: 'me',
  path: '/me',
  summary: 'Who asks, and what they see.',
  access: 'own',
  parameters: {},
  answer: answerSchema,
  parse: () => undefined,
  ask: async (_, { asker: { credentials, mayRead }, scope, config, demo }) => ({
    name: credentials.signedInUntilMs === undefined ? (credentials.name ?? null) : null,
    user: credentials.user === undefined ? null : showValue('user', storedName(credentials.user, userNames(config))),
    may_read: mayRead,
    sees_everything: mayRead && scope === 'all',
    sees:
      !mayRead || scope === 'all'
        ? []
        : scope.map(({ dimension, values }) => ({ dimension, values: values.map((value) => showValue(dimension, value)) })),
    demo: renderDemo((await demo?.()) ?? null),
    signed_in_until: renderInstant(credentials.signedInUntilMs),
  }),
});
