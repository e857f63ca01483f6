/** The section `gateway` of the configuration: which groups and users of an Anthropic-compatible gateway are which teams and users here. */
import { z } from 'zod';
import { normalizeUser } from '../catalog/values.ts';
import { hasPassword, usd } from './shapes.ts';

const ID_MAX = 256;
const THIS_MACHINE = ['127.0.0.1', '[::1]', 'localhost'];

/** Of the address that the key is sent to: over plain HTTP it could be read on the way. */
export const GATEWAY_ADDRESS = 'must be an address that begins with https:// (http:// for this machine alone), without a password, query or fragment';

export function isGatewayAddress(text: string): boolean {
  if (!URL.canParse(text) || hasPassword(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  return search === '' && hash === '' && (protocol === 'https:' || (protocol === 'http:' && THIS_MACHINE.includes(hostname)));
}

const id = z.string().min(1).max(ID_MAX);
const distinct = (ids: Record<string, string>): boolean => new Set(Object.values(ids)).size === Object.keys(ids).length;

/** Keys are users, in the spelling in which the ledger has them. */
const byUser = z
  .record(z.string().min(1), id)
  .overwrite((users) => Object.fromEntries(Object.entries(users).map(([user, of]) => [normalizeUser(user), of])));

export const gatewaySchema = z
  .strictObject({
    url: z.string().refine(isGatewayAddress, GATEWAY_ADDRESS).describe('Address of the gateway, without /v1.'),
    key_file: z.string().min(1).describe('File with a key that may read and write spend limits. Read by `ledgerline limits push` alone.'),
    groups: z
      .record(z.string().min(1), id)
      .refine(distinct, 'has the same group for two teams')
      .default({})
      .describe('Team to the rbac_group_id that its members have at the gateway.'),
    users: byUser
      .refine(distinct, 'has the same id for two users')
      .default({})
      .describe('User, such as an email address, to the user_id that the gateway has for them (the `sub` of their sign-in).'),
    per_member_usd: usd
      .optional()
      .describe('Amount of each member of a group with a pool, in a month. Default: a budget per user of the team, or else the whole pool.'),
    enforce: z
      .enum(['hard_limits', 'all'])
      .default('hard_limits')
      .describe('Budgets that are pushed: those with hard_limit, or also those that only warn here. The gateway stops work at each of them.'),
  })
  .optional()
  .describe('Gateway that `ledgerline limits push` sets spend limits at. See docs/gateway.md.');

export type GatewayConfig = NonNullable<z.output<typeof gatewaySchema>>;
