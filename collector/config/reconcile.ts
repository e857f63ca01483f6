/** The configuration of the reconciliation: what the names in the provider's records are here. */
import { z } from 'zod';
import { BILLERS } from '../catalog/billers.ts';

const NAMES_MAX = 10_000;

const names = z
  .record(z.string().min(1), z.string().min(1))
  .default({})
  .refine((map) => Object.keys(map).length <= NAMES_MAX, `has more than ${NAMES_MAX} names`);

export const reconcileSchema = z
  .strictObject({
    workspaces: names.describe(
      'Id or name of a workspace at the provider to the workspace that it is here; "default" is its default workspace. Equal names need no line.',
    ),
    users: names.describe('API key, service account or cloud principal, as the provider names it, to the user it belongs to.'),
    products: z
      .array(z.string().min(1))
      .default(['claude_code'])
      .describe('Products of the provider that Claude Code is billed as. Others are shown apart.'),
    billers: z
      .record(z.string().min(1), z.enum(BILLERS))
      .default({})
      .describe('Who bills what is sent to a provider (dimension provider), where it is not the usual one, such as gateway: aws.'),
    ended_accounts: z
      .record(z.string(), z.iso.date())
      .default({})
      .describe('Account of imports that has ended, to the first day (UTC) of which no bill of it is missed any more. "": the one without a name.'),
  })
  .prefault({})
  .describe('How the records of providers are compared with telemetry; see docs/reconcile.md.');
