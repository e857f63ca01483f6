/** What several collectors learnt of prices, put together. */
import {
  type Evidence,
  hasLearntPrice,
  LEARNT_MODELS_MAX,
  type LearntModel,
  type LearntModels,
  type LearntRow,
  type PromptLengths,
  VERSIONS_MAX,
} from './learnt-file.ts';

/**
 * `base`: what both began with. `mine`: what one made of it. `theirs`: what others made of it meanwhile, and have kept: a price that they have for
 * a day stays, requests that agree with it count for all, and what either has forgotten is gone.
 */
export function mergedLearnt(base: LearntModels, mine: LearntModels, theirs: LearntModels): LearntModels {
  const kept = Object.entries(theirs).flatMap(([model, other]): [string, LearntModel][] => {
    const own = mine[model];
    if (own !== undefined) return [[model, mergedModel(base[model], own, other)]];
    return base[model] === undefined ? [[model, other]] : [];
  });
  const added = Object.entries(mine).filter(([model]) => base[model] === undefined && theirs[model] === undefined);
  return Object.fromEntries(withinBound([...kept, ...added]));
}

/** Names without a price give way to those with one. */
function withinBound(models: readonly [string, LearntModel][]): readonly [string, LearntModel][] {
  if (models.length <= LEARNT_MODELS_MAX) return models;
  const priced = models.filter(([, learnt]) => hasLearntPrice(learnt));
  return [...priced, ...models.filter(([, learnt]) => !hasLearntPrice(learnt))].slice(0, LEARNT_MODELS_MAX);
}

function mergedModel(base: LearntModel | undefined, mine: LearntModel, theirs: LearntModel): LearntModel {
  const fallback = mergedEvidence(base?.fallback, mine.fallback, theirs.fallback);
  return {
    normal: mergedRows(base?.normal ?? [], mine.normal, theirs.normal),
    fast: mergedRows(base?.fast ?? [], mine.fast, theirs.fast),
    ...(fallback !== undefined && { fallback }),
  };
}

const isSame = (one: LearntRow, other: LearntRow): boolean => one.from === other.from && hasSameRates(one, other);
const hasSameRates = (one: LearntRow, other: LearntRow): boolean =>
  Object.entries(one.rates).every(([name, rate]) => rate === (other.rates as Readonly<Record<string, unknown>>)[name]); // of the same shape

function mergedRows(base: readonly LearntRow[], mine: readonly LearntRow[], theirs: readonly LearntRow[]): LearntRow[] {
  const last = theirs.at(-1);
  const rows = theirs.map((row): LearntRow => {
    const before = base.find((one) => isSame(one, row));
    // The same price, solved at the same time from other requests: it may have another first day.
    const own = mine.find((one) => isSame(one, row)) ?? (row === last ? mine.find((one) => isNew(one) && hasSameRates(one, row)) : undefined);
    if (own === undefined) return row;
    return { ...row, ...mergedEvidence(before, own, row), others: row.others + own.others - (before?.others ?? 0) };
  });
  function isNew(row: LearntRow): boolean {
    return !base.some((one) => isSame(one, row));
  }
  const later = mine.filter((row) => isNew(row) && (last === undefined || (row.from > last.from && !hasSameRates(row, last))));
  return [...rows, ...later];
}

function mergedEvidence(base: Evidence | undefined, mine: Evidence, theirs: Evidence): Evidence;
function mergedEvidence(base: Evidence | undefined, mine: Evidence | undefined, theirs: Evidence | undefined): Evidence | undefined;
function mergedEvidence(base: Evidence | undefined, mine: Evidence | undefined, theirs: Evidence | undefined): Evidence | undefined {
  if (mine === undefined || theirs === undefined) return theirs ?? mine;
  const prompts = mergedPrompts(mine.prompts, theirs.prompts);
  return {
    requests: theirs.requests + mine.requests - (base?.requests ?? 0),
    client_versions: [...new Set([...theirs.client_versions, ...mine.client_versions])].slice(-VERSIONS_MAX),
    first: mine.first < theirs.first ? mine.first : theirs.first,
    last: mine.last > theirs.last ? mine.last : theirs.last,
    ...(prompts !== undefined && { prompts }),
  };
}

function mergedPrompts(mine: PromptLengths | undefined, theirs: PromptLengths | undefined): PromptLengths | undefined {
  if (mine === undefined || theirs === undefined) return theirs ?? mine;
  return { shortest: Math.min(mine.shortest, theirs.shortest), longest: Math.max(mine.longest, theirs.longest) };
}
