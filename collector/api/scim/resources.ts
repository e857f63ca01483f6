/** Users and groups of SCIM over the store: scimmy knows the protocol (schemas, filters, patches, pages), and hands plain resources here. */
import { randomUUID } from 'node:crypto';
import SCIMMY from 'scimmy';
import { ROUTES } from '../../catalog/names.ts';
import type { DirectoryChange, Member, ScimKind, ScimResource, ScimResources } from '../../directory/store.ts';
import { factsOf } from './facts-of.ts';
import { type Filter, mayBeCalled, resourcesOf, soughtBy } from './sought.ts';

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
  readonly filter?: Filter | undefined;
}

type Shown = Readonly<Record<string, unknown>>;

async function egress(kind: ScimKind, { id, filter }: Asked, { store }: ScimContext): Promise<Shown | Shown[]> {
  if (id !== undefined) return shownAlone(kind, await found(kind, id, store), store);
  const ids = filter === undefined ? undefined : await soughtBy(filter, kind, store);
  const all = ids === undefined ? await shownAll(kind, store) : await shownOf(kind, ids, store);
  // Parts of what went in.
  return filter === undefined ? all : (filter.match(all) as Shown[]);
}

async function ingress(kind: ScimKind, { id }: Asked, data: object, { store, nowMs }: ScimChangeContext): Promise<Shown> {
  if (id !== undefined) await found(kind, id, store);
  const body = bodyOf(data);
  await refuseTaken(kind, id, body, store);
  const written = await store.write(kind, id ?? randomUUID(), body, factsOf(kind, body), nowMs);
  return shownAlone(kind, written, store);
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
  const nameOf = (one: ScimResource['body']): string => String(one[key] ?? '').toLowerCase();
  const others = await mayBeCalled(kind, nameOf(body), store);
  if (others.some((other) => other.id !== id && nameOf(other.body) === nameOf(body)))
    throw new SCIMMY.Types.Error(409, 'uniqueness', `${key} "${String(body[key])}" is taken`);
}

export const tagOf = ({ version }: ScimResource): string => `W/"${version}"`;

/** `groups`: of users. */
const shown = (resource: ScimResource, groups: readonly object[] | undefined): Shown => ({
  ...resource.body,
  id: resource.id,
  ...(groups !== undefined && { groups }),
  meta: { created: new Date(resource.createdMs), lastModified: new Date(resource.modifiedMs), version: tagOf(resource) },
});

const groupOf = ({ group, title }: Member): object => ({ value: group, display: title, type: 'direct' });

/** Groups themselves say in their members what they are in. */
const shownAlone = async (kind: ScimKind, resource: ScimResource, store: ScimResources): Promise<Shown> =>
  shown(resource, kind === 'User' ? (await store.members(resource.id)).map(groupOf) : undefined);

async function shownOf(kind: ScimKind, ids: readonly string[], store: ScimResources): Promise<Shown[]> {
  const all: Shown[] = [];
  for (const resource of await resourcesOf(kind, ids, store)) all.push(await shownAlone(kind, resource, store));
  return all;
}

async function shownAll(kind: ScimKind, store: ScimResources): Promise<Shown[]> {
  const groups = kind === 'User' ? Map.groupBy(await store.members(), ({ member }) => member) : undefined;
  return (await store.resources(kind)).map((resource) => shown(resource, groups && (groups.get(resource.id) ?? []).map(groupOf)));
}
