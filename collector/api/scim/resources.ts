/** Users and groups of SCIM over the store: scimmy knows the protocol (schemas, filters, patches, pages), and hands plain resources here. */
import { randomUUID } from 'node:crypto';
import SCIMMY from 'scimmy';
import { ROUTES } from '../../catalog/names.ts';
import type { DirectoryChange, ScimKind, ScimResource, ScimResources } from '../../directory/store.ts';
import { factsOf } from './facts-of.ts';

/** What handlers are given with each request that reads. */
export interface ScimContext {
  readonly store: ScimResources;
}

/** And with one that writes. Whoever else writes waits until it is done: what it was checked against still holds then. */
export interface ScimChangeContext extends ScimContext {
  readonly store: DirectoryChange;
  readonly nowMs: number;
}

export const PAGE_MAX = 200;

/** scimmy keeps its declarations for the whole process; what differs from request to request is in the context. */
export function declareResources(): void {
  const { User, Group } = SCIMMY.Resources;
  SCIMMY.Config.set({
    patch: true,
    filter: { supported: true, maxResults: PAGE_MAX },
    sort: true,
    etag: true,
    bulk: false,
    changePassword: false,
    authenticationSchemes: [],
  });
  SCIMMY.Config.set({
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'A token of auth.tokens with the role scim.', primary: true },
    ],
  });
  if (!SCIMMY.Resources.declared(User)) SCIMMY.Resources.declare(User);
  if (!SCIMMY.Resources.declared(Group)) SCIMMY.Resources.declare(Group);
  User.extend(SCIMMY.Schemas.EnterpriseUser, false);
  for (const one of [User, Group, SCIMMY.Resources.Schema, SCIMMY.Resources.ResourceType, SCIMMY.Resources.ServiceProviderConfig])
    one.basepath(ROUTES.scim);
  // The type wants classes of scimmy where it takes plain resources.
  User.egress((resource, context) => egress('User', resource, context) as never)
    .ingress((resource, data, context) => ingress('User', resource, data, context) as never)
    .degress((resource, context) => degress('User', resource, context));
  Group.egress((resource, context) => egress('Group', resource, context) as never)
    .ingress((resource, data, context) => ingress('Group', resource, data, context) as never)
    .degress((resource, context) => degress('Group', resource, context));
}

interface Asked {
  readonly id?: string | undefined;
  readonly filter?: { match(values: object[]): object[] } | undefined;
}

type Shown = Readonly<Record<string, unknown>>;

async function egress(kind: ScimKind, { id, filter }: Asked, { store }: ScimContext): Promise<Shown | Shown[]> {
  if (id !== undefined) return shown(await found(kind, id, store), await groupsFor(kind, store));
  const groups = await groupsFor(kind, store);
  const all = (await store.resources(kind)).map((resource) => shown(resource, groups));
  // Parts of what went in.
  return filter === undefined ? all : (filter.match(all) as Shown[]);
}

async function ingress(kind: ScimKind, { id }: Asked, data: object, { store, nowMs }: ScimChangeContext): Promise<Shown> {
  if (id !== undefined) await found(kind, id, store);
  const body = bodyOf(data);
  await refuseTaken(kind, id, body, store);
  const written = await store.write(kind, id ?? randomUUID(), body, factsOf(kind, body), nowMs);
  return shown(written, await groupsFor(kind, store));
}

async function degress(kind: ScimKind, { id = '' }: Asked, { store, nowMs }: ScimChangeContext): Promise<void> {
  if (!(await store.remove(kind, id, nowMs))) throw notFound(id);
}

/** Thrown as what clients of SCIM read. */
const notFound = (id: string): Error => new SCIMMY.Types.Error(404, '', `Resource ${id} not found`);

async function found(kind: ScimKind, id: string, store: ScimResources): Promise<ScimResource> {
  const resource = await store.resource(kind, id);
  if (resource === undefined) throw notFound(id);
  return resource;
}

/** What the provider sent, without what is ours to say, secrets, and names of members, which are in their own resources. */
function bodyOf(data: object): ScimResource['body'] {
  const { id: _, meta: __, password: ___, groups: ____, ...body } = JSON.parse(JSON.stringify(data)) as Record<string, unknown>; // plain JSON
  if (!Array.isArray(body.members)) return body;
  const members = body.members.flatMap((member: { readonly value?: unknown; readonly type?: unknown }) =>
    typeof member.value === 'string' ? [{ value: member.value, ...(member.type === 'Group' && { type: 'Group' }) }] : [],
  );
  return { ...body, members: [...new Map(members.map((member) => [member.value, member])).values()] };
}

/** A login is of one user. */
async function refuseTaken(kind: ScimKind, id: string | undefined, body: ScimResource['body'], store: ScimResources): Promise<void> {
  const key = kind === 'User' ? 'userName' : 'displayName';
  const name = String(body[key] ?? '').toLowerCase();
  const taken = (await store.resources(kind)).some((other) => other.id !== id && String(other.body[key] ?? '').toLowerCase() === name);
  if (taken) throw new SCIMMY.Types.Error(409, 'uniqueness', `${key} "${String(body[key])}" is taken`);
}

export const tagOf = ({ version }: ScimResource): string => `W/"${version}"`;

/** `groups`: of users, by the id of each. */
const shown = (resource: ScimResource, groups: ReadonlyMap<string, readonly object[]> | undefined): Shown => ({
  ...resource.body,
  id: resource.id,
  ...(groups !== undefined && { groups: groups.get(resource.id) ?? [] }),
  meta: { created: new Date(resource.createdMs), lastModified: new Date(resource.modifiedMs), version: tagOf(resource) },
});

const groupsByStore = new WeakMap<ScimResources, { readonly revision: number; readonly groups: ReadonlyMap<string, readonly object[]> }>();

/**
 * Undefined of groups themselves, which say in their members what they are in. Read once for each state of the store: providers ask for one user
 * after the other. What comes between the two questions is read again by whoever asks next.
 */
async function groupsFor(kind: ScimKind, store: ScimResources): Promise<ReadonlyMap<string, readonly object[]> | undefined> {
  if (kind !== 'User') return undefined;
  const revision = await store.revision();
  const known = groupsByStore.get(store);
  if (known?.revision === revision) return known.groups;
  const groups = new Map<string, object[]>();
  for (const { id, body } of await store.resources('Group')) {
    const members = Array.isArray(body.members) ? body.members : [];
    for (const { value } of members)
      groups.getOrInsertComputed(String(value), () => []).push({ value: id, display: body.displayName, type: 'direct' });
  }
  groupsByStore.set(store, { revision, groups });
  return groups;
}
