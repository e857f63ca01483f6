/** Users and groups of SCIM over the store: scimmy knows the protocol (schemas, filters, patches, pages), and hands plain resources here. */
import { randomUUID } from 'node:crypto';
import SCIMMY from 'scimmy';
import { ROUTES } from '../../catalog/names.ts';
import type { DirectoryStore, ScimKind, ScimResource } from '../../directory/store.ts';
import { factsOf } from './facts-of.ts';

/** What handlers are given with each request. */
export interface ScimContext {
  readonly store: DirectoryStore;
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

function egress(kind: ScimKind, { id, filter }: Asked, { store }: ScimContext): Shown | Shown[] {
  if (id !== undefined) return shown(kind, found(kind, id, store), store);
  const all = store.resources(kind).map((resource) => shown(kind, resource, store));
  // Parts of what went in.
  return filter === undefined ? all : (filter.match(all) as Shown[]);
}

function ingress(kind: ScimKind, { id }: Asked, data: object, { store, nowMs }: ScimContext): Shown {
  if (id !== undefined) found(kind, id, store);
  const body = bodyOf(data);
  refuseTaken(kind, id, body, store);
  const written = store.write(kind, id ?? randomUUID(), body, factsOf(kind, body), nowMs);
  return shown(kind, written, store);
}

function degress(kind: ScimKind, { id = '' }: Asked, { store, nowMs }: ScimContext): void {
  if (!store.remove(kind, id, nowMs)) throw notFound(id);
}

/** Thrown as what clients of SCIM read. */
const notFound = (id: string): Error => new SCIMMY.Types.Error(404, '', `Resource ${id} not found`);

function found(kind: ScimKind, id: string, store: DirectoryStore): ScimResource {
  const resource = store.resource(kind, id);
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
function refuseTaken(kind: ScimKind, id: string | undefined, body: ScimResource['body'], store: DirectoryStore): void {
  const key = kind === 'User' ? 'userName' : 'displayName';
  const name = String(body[key] ?? '').toLowerCase();
  const taken = store.resources(kind).some((other) => other.id !== id && String(other.body[key] ?? '').toLowerCase() === name);
  if (taken) throw new SCIMMY.Types.Error(409, 'uniqueness', `${key} "${String(body[key])}" is taken`);
}

export const tagOf = ({ version }: ScimResource): string => `W/"${version}"`;

const shown = (kind: ScimKind, resource: ScimResource, store: DirectoryStore): Shown => ({
  ...resource.body,
  id: resource.id,
  ...(kind === 'User' && { groups: groupsOf(resource.id, store) }),
  meta: { created: new Date(resource.createdMs), lastModified: new Date(resource.modifiedMs), version: tagOf(resource) },
});

const groupsByStore = new WeakMap<DirectoryStore, { readonly revision: number; readonly groups: ReadonlyMap<string, readonly object[]> }>();

/** Read once for each state of the store: a list of users asks for each. */
function groupsOf(user: string, store: DirectoryStore): readonly object[] {
  const revision = store.revision();
  let known = groupsByStore.get(store);
  if (known?.revision !== revision) {
    const groups = new Map<string, object[]>();
    for (const { id, body } of store.resources('Group')) {
      const members = Array.isArray(body.members) ? body.members : [];
      for (const { value } of members)
        groups.getOrInsertComputed(String(value), () => []).push({ value: id, display: body.displayName, type: 'direct' });
    }
    known = { revision, groups };
    groupsByStore.set(store, known);
  }
  return known.groups.get(user) ?? [];
}
