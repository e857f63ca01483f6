/** What spans several keys of a budget, or several budgets: one unit, amounts that add up, parents that exist. */

import { formatUsd, parseUsd } from '../core/money.ts';
import type { BudgetConfig } from './budgets.ts';
import { firstIndexes } from './firsts.ts';
import { listed } from './listed.ts';
import type { Mistake } from './mistakes.ts';

/** One more than a sentence lists. */
const MENTIONED = 21;

type Path = readonly (string | number)[];

const mistake = (path: Path, sentence: string, about: Mistake['about'] = 'value'): Mistake => ({ path, sentence, about });

/** Mistakes of a list of budgets that each have the right shape, at paths below `at`. */
export function budgetMistakes(budgets: readonly BudgetConfig[], at: Path = ['budgets']): Mistake[] {
  const family = familyOf(budgets);
  return [
    ...budgets.flatMap((budget, index) => ownMistakes(budget, [...at, index])),
    ...budgets.flatMap((budget, index) => parentMistakes(budget, family, [...at, index])),
  ];
}

/** Who is part of whom, found once for all: a list may have thousands. */
interface Family {
  readonly byName: ReadonlyMap<string, BudgetConfig>;
  readonly parts: ReadonlyMap<string | undefined, readonly BudgetConfig[]>;
  /** Names of those that are, over their parents, part of themselves. */
  readonly circular: ReadonlySet<string>;
}

function familyOf(budgets: readonly BudgetConfig[]): Family {
  const byName = new Map<string, BudgetConfig>();
  for (const budget of budgets) if (!byName.has(budget.name)) byName.set(budget.name, budget);
  return { byName, parts: Map.groupBy(budgets, ({ parent }) => parent), circular: circularNames(byName) };
}

function circularNames(byName: Family['byName']): ReadonlySet<string> {
  const circular = new Set<string>();
  const seen = new Set<string>();
  for (const start of byName.keys()) {
    const way: string[] = [];
    let name: string | undefined = start;
    for (; name !== undefined && !seen.has(name); name = byName.get(name)?.parent) {
      way.push(name);
      seen.add(name);
    }
    // Where the way meets itself, a circle is closed; else it meets one that was walked before.
    const closed = name === undefined ? -1 : way.indexOf(name);
    if (closed >= 0) for (const member of way.slice(closed)) circular.add(member);
  }
  return circular;
}

function ownMistakes(budget: BudgetConfig, at: Path): Mistake[] {
  const unit = unitMistakes(budget, at);
  return unit.length > 0
    ? unit
    : [...periodMistakes(budget, at), ...memberMistakes(budget, at), ...thresholdMistakes(budget, at), ...amountMistakes(budget, at)];
}

function unitMistakes({ amount_usd, tokens }: BudgetConfig, at: Path): Mistake[] {
  if (amount_usd === undefined && tokens === undefined) {
    return [
      mistake([...at, 'amount_usd'], 'missing; add it, such as amount_usd: "500.00", or tokens: { amount: 1000000, classes: [input, output] }'),
    ];
  }
  if (amount_usd !== undefined && tokens !== undefined) {
    return [mistake([...at, 'tokens'], 'amount_usd is also given; a budget is in money or in tokens, so leave out one', 'key')];
  }
  return [];
}

function periodMistakes({ period, rollover, rollover_max_usd, tokens }: BudgetConfig, at: Path): Mistake[] {
  const mistakes: Mistake[] = [];
  if (typeof period === 'object' && 'from' in period && period.from >= period.to) {
    mistakes.push(mistake([...at, 'period', 'to'], `must be after from, ${period.from}, not ${period.to}; it is the day after the last one`));
  }
  if (rollover === true && typeof period === 'object') {
    mistakes.push(mistake([...at, 'rollover'], 'needs a calendar period (day, week, month, quarter, year); other periods have no rollover'));
  }
  if (rollover_max_usd !== undefined && rollover !== true) {
    mistakes.push(mistake([...at, 'rollover_max_usd'], 'has no effect without rollover: true; add that, or leave this out', 'key'));
  }
  if (rollover_max_usd !== undefined && tokens !== undefined) {
    mistakes.push(mistake([...at, 'rollover_max_usd'], 'is in USD, but the budget is in tokens; leave it out', 'key'));
  }
  return mistakes;
}

function thresholdMistakes({ thresholds, warning_threshold }: BudgetConfig, at: Path): Mistake[] {
  if (thresholds === undefined) return [];
  if (warning_threshold !== undefined) {
    return [mistake([...at, 'warning_threshold'], 'thresholds is also given; write the warning there, as { at: 0.8 }', 'key')];
  }
  return firstIndexes(thresholds, ({ at: share, on }) => `${share} ${on}`).flatMap((first, index) => {
    return first === index
      ? []
      : [mistake([...at, 'thresholds', index], `is the same share of the same spend as thresholds[${first}]; leave one out`)];
  });
}

/** The amount of a member or of a date is in the unit of its budget. */
function sameUnit(
  budget: BudgetConfig,
  item: { readonly amount_usd?: string | undefined; readonly tokens?: number | undefined },
  at: Path,
): Mistake[] {
  const [own, other] = budget.tokens === undefined ? (['amount_usd', 'tokens'] as const) : (['tokens', 'amount_usd'] as const);
  const example = own === 'tokens' ? 'tokens: 1000000' : 'amount_usd: "500.00"';
  if (item[other] !== undefined)
    return [mistake([...at, other], `the budget is in ${own === 'tokens' ? 'tokens' : 'money'}; write ${example}`, 'key')];
  return item[own] === undefined ? [mistake([...at, own], `missing; add it, such as ${example}`)] : [];
}

function amountMistakes(budget: BudgetConfig, at: Path): Mistake[] {
  const dated = budget.amounts ?? [];
  const firsts = firstIndexes(dated, ({ from }) => from);
  return dated.flatMap((item, index) => {
    const path = [...at, 'amounts', index];
    const first = firsts[index];
    const twice = first === index ? [] : [mistake([...path, 'from'], `${item.from} is already the day of amounts[${first}]; leave one out`)];
    return [...sameUnit(budget, item, path), ...twice];
  });
}

function memberMistakes(budget: BudgetConfig, at: Path): Mistake[] {
  const { members, per } = budget;
  if (members === undefined) return [];
  if (per !== undefined) {
    return [mistake([...at, 'per'], 'members is also given; give every member the same amount (per), or each its own part (members)', 'key')];
  }
  const firsts = firstIndexes(members, ({ user }) => user);
  const each = members.flatMap((member, index) => {
    const path = [...at, 'members', index];
    const first = firsts[index];
    const twice = first === index ? [] : [mistake([...path, 'user'], `"${member.user}" is already members[${first}]; add up what both have`)];
    return [...sameUnit(budget, member, path), ...twice];
  });
  return each.length > 0 ? each : sumMistakes(budget, members, at);
}

function sumMistakes(budget: BudgetConfig, members: NonNullable<BudgetConfig['members']>, at: Path): Mistake[] {
  const sum = members.reduce((total, member) => total + amountOf(budget, member), 0n);
  return amountsOverTime(budget).flatMap(({ from, amount }) => {
    if (sum <= amount) return [];
    const since = from === '' ? '' : ` that holds from ${from}`;
    const over = `they are ${shown(budget, sum)} together, ${shown(budget, sum - amount)} more than the ${shown(budget, amount)} of the budget${since}`;
    return [mistake([...at, 'members'], `${over}; lower them, or raise the amount`)];
  });
}

interface DatedAmount {
  /** '' for the amount that holds before all others. */
  readonly from: string;
  readonly amount: bigint;
}

const amountsOverTime = (budget: BudgetConfig): DatedAmount[] => [
  { from: '', amount: budget.tokens === undefined ? (parseUsd(budget.amount_usd ?? '0') ?? 0n) : BigInt(budget.tokens.amount) },
  ...(budget.amounts ?? []).map((item) => ({ from: item.from, amount: amountOf(budget, item) })).sort((a, b) => (a.from < b.from ? -1 : 1)),
];

const amountOf = (budget: BudgetConfig, item: { readonly amount_usd?: string | undefined; readonly tokens?: number | undefined }): bigint =>
  budget.tokens === undefined ? (parseUsd(item.amount_usd ?? '0') ?? 0n) : BigInt(item.tokens ?? 0);

const shown = (budget: BudgetConfig, amount: bigint): string => (budget.tokens === undefined ? `${formatUsd(amount)} USD` : `${amount} tokens`);

function parentMistakes(budget: BudgetConfig, { byName, parts, circular }: Family, at: Path): Mistake[] {
  const children = parts.get(budget.name) ?? [];
  const sums = children.length === 0 ? [] : childrenMistakes(budget, children, at);
  if (budget.parent === undefined) return sums;
  const path = [...at, 'parent'];
  const parent = byName.get(budget.parent);
  if (parent === undefined) return [...sums, mistake(path, `there is no budget "${budget.parent}"; there is ${othersThan(budget, byName)}`)];
  if (circular.has(budget.name)) return [...sums, mistake(path, `"${budget.parent}" is itself part of "${budget.name}"; leave out one parent`)];
  const different = differenceOf(budget, parent);
  if (different !== undefined)
    return [...sums, mistake(path, `"${parent.name}" has a different ${different}; a budget and its parent need the same`)];
  return sums;
}

function othersThan({ name }: BudgetConfig, byName: Family['byName']): string {
  const some = byName
    .keys()
    .filter((other) => other !== name)
    .take(MENTIONED)
    .toArray();
  return listed(some) || 'no other';
}

/** Parts can be added up only when they count the same for the same time. */
function differenceOf(budget: BudgetConfig, parent: BudgetConfig): string | undefined {
  const classes = ({ tokens }: BudgetConfig): string => [...(tokens?.classes ?? ['money'])].sort().join();
  if (classes(budget) !== classes(parent)) return 'unit (money, or other classes of tokens)';
  if (JSON.stringify(budget.period) !== JSON.stringify(parent.period)) return 'period';
  return undefined;
}

function childrenMistakes(parent: BudgetConfig, children: readonly BudgetConfig[], at: Path): Mistake[] {
  const comparable = children.filter((child) => differenceOf(child, parent) === undefined && child.per === undefined);
  const over = firstDayOver(changesOf(comparable), changesOf([parent]));
  if (over === undefined) return [];
  const { day, sum, amount } = over;
  const since = day === '' ? '' : ` from ${day} on`;
  const names = listed(comparable.map(({ name }) => name));
  return [
    mistake(
      [...at, parent.tokens === undefined ? 'amount_usd' : 'tokens'],
      `its parts ${names} are ${shown(parent, sum)} together, ${shown(parent, sum - amount)} more than its ${shown(parent, amount)}${since}; raise it, or lower them`,
    ),
  ];
}

/** By how much the amounts of these budgets change together, by day; '' is before all days. */
function changesOf(budgets: readonly BudgetConfig[]): ReadonlyMap<string, bigint> {
  const changes = new Map<string, bigint>();
  for (const budget of budgets) {
    let before = 0n;
    for (const { from, amount } of amountsOverTime(budget)) {
      changes.set(from, (changes.get(from) ?? 0n) + amount - before);
      before = amount;
    }
  }
  return changes;
}

/** The first day from which the parts have more than the whole. */
function firstDayOver(parts: ReadonlyMap<string, bigint>, whole: ReadonlyMap<string, bigint>) {
  let sum = 0n;
  let amount = 0n;
  for (const day of [...new Set([...parts.keys(), ...whole.keys()])].sort()) {
    sum += parts.get(day) ?? 0n;
    amount += whole.get(day) ?? 0n;
    if (sum > amount) return { day, sum, amount };
  }
  return undefined;
}
