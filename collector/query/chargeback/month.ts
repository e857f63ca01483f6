/** What one month comes to for each team, once shared costs are split. */
import type { SharedCost } from '../../config/shared-costs.ts';
import type { PicoUsd } from '../../core/money.ts';
import { anyCase } from '../../directory/names.ts';
import { splitByWeight } from './split.ts';

/** Stored values, '' where nothing is known. */
export interface BookedRow {
  readonly team: string;
  readonly costCenter: string;
  readonly workspace: string;
  readonly job: string;
  readonly cost: PicoUsd;
}

export interface SharedPart {
  readonly rule: SharedCost;
  readonly cost: PicoUsd;
  /** By team; empty where nobody is there to take it, and it stays where it was booked. */
  readonly parts: ReadonlyMap<string, PicoUsd>;
}

export interface TeamRow {
  readonly team: string;
  readonly costCenter: string;
  own: PicoUsd;
  sharedOut: PicoUsd;
  sharedIn: PicoUsd;
}

export interface MonthCharges {
  readonly rows: readonly TeamRow[];
  readonly shared: readonly SharedPart[];
}

interface Month {
  readonly rules: readonly SharedCost[];
  readonly booked: readonly BookedRow[];
  /** Users who sent anything, by team. */
  readonly heads: ReadonlyMap<string, number>;
  /** Of a team without spend of its own. */
  readonly costCenterOf: (team: string) => string;
  /** Of a team that a rule names and that the month does not have. */
  readonly spelling: (name: string) => string;
}

/** A row is shared by the first rule that it matches. What the rows come to is what was booked. */
export function chargeMonth({ rules, booked, heads, costCenterOf, spelling }: Month): MonthCharges {
  const charges = new Map<string, TeamRow>();
  const rowOf = (team: string, costCenter: string): TeamRow =>
    charges.getOrInsertComputed(JSON.stringify([costCenter, team]), () => ({ team, costCenter, own: 0n, sharedOut: 0n, sharedIn: 0n }));
  const pools = new Map<SharedCost, BookedRow[]>();
  const kept = new Map<string, bigint>();
  for (const row of booked) {
    rowOf(row.team, row.costCenter).own += row.cost;
    const rule = rules.find((one) => isShared(row, one));
    if (rule === undefined) kept.set(row.team, (kept.get(row.team) ?? 0n) + row.cost);
    else pools.getOrInsertComputed(rule, () => []).push(row);
  }
  const homes = homesOf(booked, costCenterOf);
  const teams = Map.groupBy(new Set([...booked.map(({ team }) => team), ...heads.keys()]), anyCase);
  const teamsOf = (name: string): readonly string[] => teams.get(anyCase(name)) ?? [spelling(name)];
  const shared = [...pools].map(([rule, rows]): SharedPart => {
    const cost = rows.reduce((sum, row) => sum + row.cost, 0n);
    const parts = splitByWeight(cost, weightsOf(rule, { kept, heads, teamsOf }));
    if (parts.size > 0) for (const row of rows) rowOf(row.team, row.costCenter).sharedOut += row.cost;
    for (const [team, part] of parts) rowOf(team, homes(team)).sharedIn += part;
    return { rule, cost, parts };
  });
  return { rows: [...charges.values()], shared };
}

/** Of several months as one. */
export function addCharges(months: readonly MonthCharges[]): MonthCharges {
  const rows = new Map<string, TeamRow>();
  const shared = new Map<SharedCost, { cost: bigint; parts: Map<string, bigint> }>();
  for (const month of months) {
    for (const { team, costCenter, own, sharedOut, sharedIn } of month.rows) {
      const row = rows.getOrInsertComputed(JSON.stringify([costCenter, team]), () => ({ team, costCenter, own: 0n, sharedOut: 0n, sharedIn: 0n }));
      row.own += own;
      row.sharedOut += sharedOut;
      row.sharedIn += sharedIn;
    }
    for (const { rule, cost, parts } of month.shared) {
      const sum = shared.getOrInsertComputed(rule, () => ({ cost: 0n, parts: new Map() }));
      sum.cost += cost;
      for (const [team, part] of parts) sum.parts.set(team, (sum.parts.get(team) ?? 0n) + part);
    }
  }
  return { rows: [...rows.values()], shared: [...shared].map(([rule, sum]) => ({ rule, ...sum })) };
}

function isShared({ team, workspace, job }: BookedRow, rule: SharedCost): boolean {
  if (rule.team !== undefined) return anyCase(team) === anyCase(rule.team);
  if (rule.workspace !== undefined) return anyCase(workspace) === anyCase(rule.workspace);
  return job !== '' && patternOf(rule.job ?? '').test(job);
}

const patternOf = (pattern: string): RegExp => new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`, 'i');

interface Measured extends Pick<Month, 'heads'> {
  readonly kept: ReadonlyMap<string, bigint>;
  /** All of the month with this name, in any capitals. */
  readonly teamsOf: (name: string) => readonly string[];
}

/** Of those who share, by what they keep: who shares out everything takes no part of another's. */
function weightsOf({ split, shares = {}, among, team: own }: SharedCost, { kept, heads, teamsOf }: Measured): ReadonlyMap<string, bigint> {
  if (split === 'fixed') return fixedWeights(shares, teamsOf);
  const teams = among?.flatMap(teamsOf) ?? [...kept.keys()].filter((team) => team !== '' && (own === undefined || anyCase(team) !== anyCase(own)));
  return new Map(teams.map((team) => [team, split === 'heads' ? BigInt(heads.get(team) ?? 0) : (kept.get(team) ?? 0n)]));
}

function fixedWeights(shares: Readonly<Record<string, number>>, teamsOf: Measured['teamsOf']): ReadonlyMap<string, bigint> {
  const weights = new Map<string, bigint>();
  for (const [name, share] of Object.entries(shares)) {
    const teams = teamsOf(name);
    const team = teams.includes(name) ? name : (teams[0] ?? name);
    weights.set(team, (weights.get(team) ?? 0n) + BigInt(Math.round(share * 1_000_000)));
  }
  return weights;
}

/** Where most of a team's own spend is. */
function homesOf(booked: readonly BookedRow[], costCenterOf: (team: string) => string): (team: string) => string {
  const sums = new Map<string, Map<string, bigint>>();
  for (const { team, costCenter, cost } of booked) {
    const own = sums.getOrInsertComputed(team, () => new Map());
    own.set(costCenter, (own.get(costCenter) ?? 0n) + cost);
  }
  return (team) => {
    const own = [...(sums.get(team) ?? [])].toSorted(([one, a], [other, b]) => (a === b ? (one < other ? -1 : 1) : a > b ? -1 : 1));
    return own[0]?.[0] ?? costCenterOf(team);
  };
}
