/** The eight metrics of Claude Code and what they are worth. A new metric is one entry in METRICS. */
import type { MeasureName } from '../../catalog/measures.ts';
import { fromWire } from '../../core/money.ts';
import type { Attributes } from '../attribution/claims.ts';
import type { Rejection } from '../usage.ts';
import { rejectCost } from './api-request.ts';
import { glimpse, POINT_COUNT_MAX, readLabel, toCount } from './attributes.ts';
import type { MutableDimensions } from './dimensions.ts';
import { rejectCount } from './draft.ts';

/** What a series measures. Depends on its name and attributes only, so it is worked out once for each series. */
export interface MetricMeaning {
  /** The measure of its points; 'cost' is money and not an amount. */
  readonly measure: MeasureName;
  /** Amount for one unit of the point's value: 1,000 turns seconds into milliseconds. */
  readonly scale: number;
}

type MetricReader = (attributes: Attributes, dimensions: MutableDimensions) => MetricMeaning | Rejection;

const counting =
  (measure: MeasureName): MetricReader =>
  () => ({ measure, scale: 1 });

/** A metric whose attribute `type` (or another) decides what is counted. */
const countingBy =
  (metric: string, attribute: string, measures: Readonly<Record<string, MeasureName>>, scale = 1): MetricReader =>
  (attributes) => {
    const type = readLabel(attributes, attribute) ?? '';
    const measure = Object.hasOwn(measures, type) ? measures[type] : undefined;
    return measure === undefined ? rejectType(metric, attribute, type, Object.keys(measures)) : { measure, scale };
  };

const readCostUsage: MetricReader = (attributes, dimensions) => {
  dimensions.speed = readLabel(attributes, 'speed') ?? 'normal';
  return { measure: 'cost', scale: 1 };
};

const tokenClass = countingBy('token.usage', 'type', {
  input: 'input_tokens',
  output: 'output_tokens',
  cacheRead: 'cache_read_tokens',
  cacheCreation: 'cache_creation_tokens',
});

const readTokenUsage: MetricReader = (attributes, dimensions) => {
  dimensions.speed = readLabel(attributes, 'speed') ?? 'normal';
  return tokenClass(attributes, dimensions);
};

const editDecision = countingBy('code_edit_tool.decision', 'decision', { accept: 'edits_accepted', reject: 'edits_rejected' });

/** The tool was called `tool` in July 2025 and `tool_name` since. */
const readEditDecision: MetricReader = (attributes, dimensions) => {
  const tool = readLabel(attributes, 'tool_name') ?? readLabel(attributes, 'tool');
  const language = readLabel(attributes, 'language');
  const source = readLabel(attributes, 'source');
  if (tool !== undefined) dimensions.tool = tool;
  if (language !== undefined) dimensions.language = spellLanguage(language);
  if (source !== undefined) dimensions.decision_source = source;
  return editDecision(attributes, dimensions);
};

/** 2.1.59 and before write "Javascript". */
const spellLanguage = (language: string): string => (language === 'Javascript' ? 'JavaScript' : language);

const readSessionCount: MetricReader = (attributes, dimensions) => {
  const startType = readLabel(attributes, 'start_type');
  if (startType !== undefined) dimensions.start_type = startType;
  return { measure: 'session_starts', scale: 1 };
};

export const METRICS: ReadonlyMap<string, MetricReader> = new Map([
  ['session.count', readSessionCount],
  ['cost.usage', readCostUsage],
  ['token.usage', readTokenUsage],
  ['lines_of_code.count', countingBy('lines_of_code.count', 'type', { added: 'lines_added', removed: 'lines_removed' })],
  ['commit.count', counting('commits')],
  ['pull_request.count', counting('pull_requests')],
  ['code_edit_tool.decision', readEditDecision],
  ['active_time.total', countingBy('active_time.total', 'type', { user: 'active_user_ms', cli: 'active_cli_ms' }, 1_000)],
]);

function rejectType(metric: string, attribute: string, value: string, known: readonly string[]): Rejection {
  return {
    reason: 'unknown_type',
    message: `${metric} has ${attribute} "${glimpse(value)}", expected one of ${known.join(', ')}. Nothing of this point was booked.`,
  };
}

/** Money, or a number of the measure's unit. */
export type AcceptedValue = { readonly cost: bigint } | { readonly amount: number };

/** The value of a point in the unit of its measure. */
export function readPointValue(metric: string, meaning: MetricMeaning, value: number): AcceptedValue | Rejection {
  if (meaning.measure === 'cost') {
    const cost = fromWire(value);
    return cost === undefined ? rejectCost(metric, value) : { cost };
  }
  const amount = toCount(value * meaning.scale, POINT_COUNT_MAX);
  return Number.isNaN(amount) ? rejectCount(metric, value, POINT_COUNT_MAX / meaning.scale) : { amount };
}
