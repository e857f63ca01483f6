/**
 * Filters as people type them against what the ledger knows: a user is found in any capitals, and a value that exists nowhere gets a
 * hint with the nearest one, so that an empty answer is not taken for no spend.
 */

import { nearestName, readValues } from '../budgets/unknown-scopes.ts';
import type { DimensionName } from '../catalog/measures.ts';
import type { Filter } from '../catalog/values.ts';
import { showValue } from '../catalog/values.ts';
import type { LedgerSnapshot } from '../ledger/ledger.ts';
import { ledgerIdentity } from './scoped-reader.ts';

export interface FilterHint {
  readonly dimension: DimensionName;
  /** As shown. */
  readonly value: string;
  /** The known value nearest to it; null when none is near. */
  readonly nearest: string | null;
  /** The same as a sentence. */
  readonly message: string;
}

export interface KnownFilters<Where extends Filter> {
  readonly where: readonly Where[];
  readonly hints: readonly FilterHint[];
}

/** Whatever has a value of a dimension has at least one of these. */
const MEASURES = [
  ...(['cost', 'requests', 'input_tokens', 'output_tokens', 'errors', 'sessions', 'session_starts', 'prompts', 'events'] as const),
  ...(['active_user_ms', 'active_cli_ms', 'lines_added', 'lines_removed', 'commits', 'pull_requests'] as const),
  ...(['edits_accepted', 'edits_rejected', 'tool_calls', 'subagents', 'compactions'] as const),
];
const ROWS_MAX = 1_000_000;

interface Known {
  readonly values: ReadonlySet<string>;
  /** How many entries the ledger had taken when they were read. A value leaves it by `forgetKnown` alone. */
  readonly appended: number;
}

type KnownOf = Map<DimensionName, Known>;

/** By the whole ledger, then by the one that they were read from, which may show a part: what it knew once is not asked again. */
const known = new WeakMap<object, WeakMap<LedgerSnapshot, KnownOf>>();

/** Names were erased or changed, whatever part of the ledger they were read from. What is being read now is not kept either. */
export function forgetKnown(reader: LedgerSnapshot): void {
  known.delete(ledgerIdentity(reader));
}

/** `where` with users as the ledger spells them, and a hint for each value that it has never seen. Values that are known cost nothing. */
export async function knownFilters<Where extends Filter>(where: readonly Where[], reader: LedgerSnapshot): Promise<KnownFilters<Where>> {
  const hints: FilterHint[] = [];
  const found: Where[] = [];
  for (const filter of where) {
    const { dimension, values } = filter;
    const names = await namesOf(dimension, values, reader);
    const spelt = values.map((value) => (dimension === 'user' ? spellings(value, names) : [value]));
    found.push({ ...filter, values: [...new Set(spelt.flat())] });
    const unknown = values.filter((value, index) => value !== '' && !spelt[index]?.some((one) => names.has(one)));
    if (names.size > 0) hints.push(...unknown.map((value) => hintFor(dimension, value, names)));
  }
  return { where: found, hints };
}

/** Has any record of this ledger the value, in any capitals? */
export const isKnownValue = async (dimension: DimensionName, value: string, reader: LedgerSnapshot): Promise<boolean> =>
  (await knownSpellings(dimension, value, reader)).length > 0;

/** The value itself where a record has it, else whatever records have that differs from it in capitals alone. */
export async function knownSpellings(dimension: DimensionName, value: string, reader: LedgerSnapshot): Promise<readonly string[]> {
  const names = await namesOf(dimension, [value], reader);
  return spellings(value, names).filter((one) => names.has(one));
}

async function namesOf(dimension: DimensionName, values: readonly string[], reader: LedgerSnapshot): Promise<ReadonlySet<string>> {
  const ofLedger = known.getOrInsertComputed(ledgerIdentity(reader), () => new WeakMap<LedgerSnapshot, KnownOf>());
  const ofReader = ofLedger.getOrInsertComputed(reader, (): KnownOf => new Map());
  const before = ofReader.get(dimension);
  if (before !== undefined && values.every((value) => value === '' || before.values.has(value))) return before.values;
  const { appended } = (await reader.status()).counters;
  if (before?.appended === appended) return before.values;
  const names = await readValues(dimension, { measures: MEASURES, rowsMax: ROWS_MAX }, reader);
  ofReader.set(dimension, { values: names, appended });
  return names;
}

/** The value itself where it is known, else whatever differs from it in capitals alone. */
function spellings(value: string, names: ReadonlySet<string>): readonly string[] {
  if (value === '' || names.has(value)) return [value];
  const lower = value.toLowerCase();
  const alike = [...names].filter((name) => name.toLowerCase() === lower);
  return alike.length > 0 ? alike : [value];
}

function hintFor(dimension: DimensionName, value: string, names: ReadonlySet<string>): FilterHint {
  const nearest = nearestName(
    value,
    [...names].filter((name) => name !== ''),
  );
  const shown = { dimension, value: showValue(dimension, value), nearest: nearest === undefined ? null : showValue(dimension, nearest) };
  const meant = shown.nearest === null ? '' : `; did you mean "${shown.nearest}"?`;
  return { ...shown, message: `No record has the ${dimension.replaceAll('_', ' ')} "${shown.value}"${meant === '' ? '.' : meant}` };
}
