/** Names of workspaces and users, and the users that API keys act as (Admin API: /v1/organizations/workspaces, /users and /api_keys). */
import { z } from 'zod';
import type { JsonClient } from '../http/json-client.ts';
import type { KnownName } from '../names.ts';
import type { HttpWorld } from '../world.ts';
import { readIdList } from './api.ts';
import { text } from './words.ts';

const ROOT = '/v1/organizations';

const workspace = z.looseObject({ id: z.string(), name: z.string() });
const user = z.looseObject({ id: z.string(), email: text });
const key = z.looseObject({ id: z.string(), principal: z.looseObject({ type: z.string(), user_id: text }).nullish() });

export async function readNames({ client, userOf }: HttpWorld): Promise<readonly KnownName[]> {
  const archived = [['include_archived', 'true'] as const];
  const workspaces = await readIdList(client, { path: `${ROOT}/workspaces`, parameters: archived, item: workspace });
  const users = await readUsers(client);
  const keys = await readIdList(client, { path: `${ROOT}/api_keys`, parameters: [], item: key });
  const known = (kind: KnownName['kind'], id: string, name: string | undefined): KnownName[] =>
    name === undefined || name === '' ? [] : [{ kind, id, name }];
  return [
    ...workspaces.flatMap(({ id, name }) => known('workspace', id, name)),
    ...[...users].flatMap(([id, email]) => known('user', userOf(id) ?? id, userOf(email))),
    ...keys.flatMap(({ id, principal }) => known('keyOwner', id, userOf(users.get(principal?.user_id ?? '')))),
  ];
}

async function readUsers(client: JsonClient): Promise<ReadonlyMap<string, string>> {
  const users = await readIdList(client, { path: `${ROOT}/users`, parameters: [], item: user });
  return new Map(users.flatMap(({ id, email }) => (typeof email === 'string' ? [[id, email] as const] : [])));
}
