/** The directory as it answers, as one file: what several feeds say, with who decides in each case settled. */
import { stringify } from 'yaml';
import type { Directory } from './directory.ts';
import { ALWAYS, type RuleFacts, type Span } from './facts.ts';
import { anyCase } from './names.ts';
import type { Placement } from './placement.ts';
import { RULE_NAMES } from './rules.ts';

/** YAML that attribution.directory_file takes. Names that changed hands are left out: each user has those that are its own alone. */
export function exportDirectory(directory: Directory, nowMs: number): string {
  const users = new Map<string, object>();
  for (const { users: facts } of directory.feeds) {
    for (const { user } of facts) {
      const canonical = directory.canonical(user, nowMs);
      if (!users.has(anyCase(canonical))) users.set(anyCase(canonical), { [canonical]: userEntry(canonical, directory) });
    }
  }
  const rules = RULE_NAMES.map((name) => [name, Object.assign({}, ...directory.feeds.toReversed().map((facts) => ruleEntries(facts[name])))]);
  const teams = directory.feeds
    .toReversed()
    .flatMap((facts) =>
      facts.teams.map(({ team, entries }) => ({ [team]: entries.map(({ fromMs, toMs, ...said }) => ({ ...dates({ fromMs, toMs }), ...said })) })),
    );
  const sections = { users: Object.assign({}, ...users.values()), teams: Object.assign({}, ...teams), ...Object.fromEntries(rules) };
  return stringify(Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section as object).length > 0)));
}

const ruleEntries = (rules: readonly RuleFacts[]): object =>
  Object.fromEntries(
    rules.map(({ pattern, memberships }) => [pattern, memberships.map(({ placement, ...span }) => ({ ...dates(span), ...placement }))]),
  );

function userEntry(user: string, directory: Directory): object {
  const aliases = directory.everyName(user).filter((name) => anyCase(name) !== anyCase(user));
  const memberships = timeline(user, directory);
  return { ...(aliases.length > 0 && { aliases }), ...(memberships.length > 0 && { memberships }) };
}

/** Each placement with the time in which the directory gives it. */
function timeline(user: string, directory: Directory): readonly object[] {
  const edges = new Set(
    directory
      .everyName(user)
      .flatMap((name) =>
        directory.feeds.flatMap(({ users }) =>
          users
            .filter((one) => anyCase(one.user) === anyCase(name))
            .flatMap(({ memberships, aliases }) => [...memberships, ...aliases].flatMap(({ fromMs, toMs }) => [fromMs, toMs])),
        ),
      ),
  );
  const starts = [ALWAYS.fromMs, ...[...edges].filter(Number.isFinite).sort((one, other) => one - other)];
  const found: { span: Span; placement: Placement }[] = [];
  for (const [index, fromMs] of starts.entries()) {
    const placement = directory.person(user, fromMs);
    const last = found.at(-1);
    const span = { fromMs, toMs: starts[index + 1] ?? ALWAYS.toMs };
    if (placement === undefined) continue;
    if (last !== undefined && last.span.toMs === fromMs && JSON.stringify(last.placement) === JSON.stringify(placement))
      last.span = { ...last.span, toMs: span.toMs };
    else found.push({ span, placement });
  }
  return found.map(({ span, placement }) => ({ ...dates(span), ...placement }));
}

const dates = ({ fromMs, toMs }: Span): object => ({
  ...(Number.isFinite(fromMs) && { from: instant(fromMs) }),
  ...(Number.isFinite(toMs) && { until: instant(toMs) }),
});

/** A day where it begins one. */
const instant = (ms: number): string => new Date(ms).toISOString().replace(/T00:00:00\.000Z$/, '');
