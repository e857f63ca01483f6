/** What gauges of a selection (GaugeDeclaration.isOfSelection) have samples of. */
import { showValue } from '../../catalog/values.ts';

/** Stored values. */
interface Owned {
  readonly organization: string;
  readonly team: string;
}

export interface Selection<Item> {
  /** As shown: organization and team, both empty for everything, the team empty for an organization. */
  readonly labels: readonly [organization: string, team: string];
  /** At least one. */
  readonly items: readonly Item[];
}

/** Everything, then each organization with each of its teams, that has any of the items. */
export function selectionsOf<Item extends Owned>(items: readonly Item[]): Selection<Item>[] {
  if (items.length === 0) return [];
  const organizations = new Map<string, Map<string, Item[]>>();
  for (const item of items) {
    const teams = organizations.getOrInsertComputed(showValue('organization', item.organization), () => new Map<string, Item[]>());
    teams.getOrInsertComputed(showValue('team', item.team), () => []).push(item);
  }
  return [
    { labels: ['', ''], items },
    ...[...organizations].flatMap(([organization, teams]): Selection<Item>[] => [
      { labels: [organization, ''], items: [...teams.values()].flat() },
      ...[...teams].map(([team, own]): Selection<Item> => ({ labels: [organization, team], items: own })),
    ]),
  ];
}
