/** What of the directory is kept as rows, whichever store keeps them. Cells are numbers or texts of them. */
import type { Fact, FactName, Member, Merge, ReceivedFact, ScimResource } from '../directory/store.ts';
import type { Eraser } from '../ledger/erasure.ts';

export type DirectoryRow = Readonly<Record<string, unknown>>;

/** Facts by which a user is known. */
export const NAMES = `fact IN ('login', 'email', 'name')`;

/** The same for the same fact of one resource. */
export const factKey = ({ fact, value }: Pick<DirectoryRow, keyof Fact>): string => JSON.stringify([fact, value]);

/** What a change wrote. */
export const resourceOf = ({ id, version, created_ms, modified_ms, body }: DirectoryRow): ScimResource => ({
  ...{ id: String(id), version: Number(version), createdMs: Number(created_ms), modifiedMs: Number(modified_ms) },
  body: JSON.parse(String(body)) as ScimResource['body'],
});

export const factOf = ({ kind, id, fact, value, from_ms, to_ms }: DirectoryRow): ReceivedFact => ({
  // As a change wrote it.
  ...{ kind: kind === 'Group' ? 'Group' : 'User', id: String(id), fact: String(fact) as FactName, value: String(value) },
  ...{ fromMs: Number(from_ms), toMs: to_ms === null ? Number.POSITIVE_INFINITY : Number(to_ms) },
});

/** Not joined by the database: without statistics, as of a directory that has just come, it would go through all titles for each member. */
export function membersOf(members: readonly DirectoryRow[], titles: readonly DirectoryRow[]): readonly Member[] {
  const titleOf = new Map(titles.map(({ id, value }) => [String(id), String(value)]));
  return members.flatMap(({ id, value }) => {
    const title = titleOf.get(String(id));
    return title === undefined ? [] : [{ member: String(value), group: String(id), title }];
  });
}

export const mergeOf = ({ id, at_ms, who, alias, user }: DirectoryRow): Merge => ({
  ...{ id: Number(id), atMs: Number(at_ms), who: String(who), alias: String(alias), user: String(user) },
});

/** Plain JSON, with what stands in the place of names. */
export const erasedBody = (eraser: Eraser, body: unknown): string => JSON.stringify(eraser.data(JSON.parse(String(body))));

/** Everything about the users with these ids, and what else holds a name. */
export function rowsOfUsers(
  eraser: Eraser,
  ids: ReadonlySet<string>,
  { resources, facts, merges }: Readonly<Record<'resources' | 'facts' | 'merges', readonly DirectoryRow[]>>,
): readonly object[] {
  const isOf = (id: unknown): boolean => ids.has(String(id));
  const holds = (text: unknown): boolean => eraser.text(String(text)) !== text;
  return [
    ...resources.filter(({ id, body }) => isOf(id) || holds(body)).map((row) => ({ ...row, body: JSON.parse(String(row.body)) })),
    ...facts.filter(({ id, value }) => isOf(id) || isOf(value) || holds(value)),
    ...merges.filter((row) => [row.alias, row.user, row.who].some(holds)),
  ];
}
