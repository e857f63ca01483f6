/** What spans several keys of a budget, or several budgets: one unit, amounts that add up, parents that exist. */

import { formatUsd, parseUsd } from '../core/money.ts';
import type { BudgetConfig } from './budgets.ts';
import type { Mistake } from './mistakes.ts';

type Path = readonly (string | number)[];

const mistake = (path: Path, sentence: string, about: Mistake['about'] = 'value'): Mistake => ({ path, sentence, about });

/** Mistakes of a list of budgets that each have the right shape, at paths below `at`. */
export function budgetMistakes(budgets: readonly BudgetConfig[], at: Path = ['budgets']): Mistake[] {
  return [
    ...budgets.flatMap((budget, index) => ownMistakes(budget, [...at, index])),
    ...budgets.flatMap((budget, index) => parentMistakes(budget, budgets, [...at, index])),
  ];
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
  return thresholds.flatMap((threshold, index) => {
    const first = thresholds.findIndex(({ at: share, on }) => share === threshold.at && on === threshold.on);
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
  return dated.flatMap((item, index) => {
    const path = [...at, 'amounts', index];
    const first = dated.findIndex(({ from }) => from === item.from);
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
  const each = members.flatMap((member, index) => {
    const path = [...at, 'members', index];
    const first = members.findIndex(({ user }) => user === member.user);
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

function parentMistakes(budget: BudgetConfig, budgets: readonly BudgetConfig[], at: Path): Mistake[] {
  const children = budgets.filter(({ parent }) => parent === budget.name);
  const sums = children.length === 0 ? [] : childrenMistakes(budget, children, at);
  if (budget.parent === undefined) return sums;
  const path = [...at, 'parent'];
  const parent = budgets.find(({ name }) => name === budget.parent);
  if (parent === undefined) {
    const names = budgets.map(({ name }) => name).filter((name) => name !== budget.name);
    return [...sums, mistake(path, `there is no budget "${budget.parent}"; there is ${names.join(', ') || 'no other'}`)];
  }
  if (isOwnAncestor(budget, budgets)) return [...sums, mistake(path, `"${budget.parent}" is itself part of "${budget.name}"; leave out one parent`)];
  const different = differenceOf(budget, parent);
  if (different !== undefined)
    return [...sums, mistake(path, `"${parent.name}" has a different ${different}; a budget and its parent need the same`)];
  return sums;
}

function isOwnAncestor(budget: BudgetConfig, budgets: readonly BudgetConfig[]): boolean {
  const seen = new Set<string>();
  for (let name = budget.parent; name !== undefined && !seen.has(name); name = budgets.find((other) => other.name === name)?.parent) {
    if (name === budget.name) return true;
    seen.add(name);
  }
  return false;
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
  const days = [...new Set([parent, ...comparable].flatMap((budget) => amountsOverTime(budget).map(({ from }) => from)))].sort();
  const on = (budget: BudgetConfig, day: string): bigint => amountsOverTime(budget).findLast(({ from }) => from <= day)?.amount ?? 0n;
  const tooSmall = days.find((day) => comparable.reduce((sum, child) => sum + on(child, day), 0n) > on(parent, day));
  if (tooSmall === undefined) return [];
  const sum = comparable.reduce((total, child) => total + on(child, tooSmall), 0n);
  const since = tooSmall === '' ? '' : ` from ${tooSmall} on`;
  const names = comparable.map(({ name }) => name).join(', ');
  return [
    mistake(
      [...at, parent.tokens === undefined ? 'amount_usd' : 'tokens'],
      `its parts ${names} are ${shown(parent, sum)} together, ${shown(parent, sum - on(parent, tooSmall))} more than its ${shown(parent, on(parent, tooSmall))}${since}; raise it, or lower them`,
    ),
  ];
}
