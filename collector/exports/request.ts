/** What an export is of: the query string of GET /api/v1/export, which is also what the command and the schedule say. */
import { z } from 'zod';
import { FOCUS_VERSIONS, FORMAT_NAMES, FORMATS, type FocusVersion, type FormatName, isFocus } from '../catalog/export-formats.ts';
import { DIMENSION_NAMES, type DimensionName, isDimension, isMeasure, MEASURE_NAMES, type MeasureName } from '../catalog/measures.ts';
import { GRAINS, type Grain } from '../core/calendar.ts';
import type { RowsQuery } from '../ledger/ledger.ts';
import {
  badParameter,
  type Parameters,
  readCalendar,
  readNames,
  readTimeRange,
  readWhere,
  readWord,
  TIME_RANGE_SHAPES,
  WHERE_SHAPE,
} from '../query/parameters.ts';
import type { ParameterShapes, ParseContext } from '../query/question.ts';
import { TOKEN_USAGE_MEASURES as DAY_MEASURES } from '../query/token-usage.ts';
import { CHARGE_DIMENSIONS, CHARGE_MEASURES } from './charges.ts';

export interface ExportRequest {
  readonly format: FormatName;
  readonly focus: FocusVersion;
  /** Asks for `cost` in any case. */
  readonly query: RowsQuery;
  /** Columns of formats of usage. */
  readonly measures: readonly MeasureName[];
  /** Tags of formats of charges. */
  readonly tags: readonly DimensionName[];
}

const BY_MAX = 12;
const USAGE_BY = ['organization', 'team', 'user', 'workspace', 'repository', 'model'] as const satisfies readonly DimensionName[];
const TAGS = ['team', 'user', 'workspace', 'repository', 'cost_center', 'department'] as const satisfies readonly DimensionName[];
const TOKEN_USAGE_MEASURES = [
  ...(['cost', 'requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const),
] satisfies readonly MeasureName[];

export const EXPORT_PARAMETERS: ParameterShapes = {
  format: { schema: z.enum(FORMAT_NAMES).describe('Format of the file.').meta({ default: 'csv' }) },
  focus: { schema: z.enum(FOCUS_VERSIONS).describe('Version of FOCUS, for the formats of that name.').meta({ default: '1.4' }) },
  by: {
    schema: z
      .string()
      .describe(
        `Dimensions, comma-separated, at most ${BY_MAX}: columns of csv, jsonl and parquet (without it: ${USAGE_BY.join(',')}), tags of focus and aws-billing (${TAGS.join(',')}).`,
      )
      .meta({ examples: ['team,model'] }),
  },
  measures: {
    schema: z
      .string()
      .describe('Measures, comma-separated, of csv, jsonl and parquet.')
      .meta({ examples: ['cost,requests'], default: TOKEN_USAGE_MEASURES.join(',') }),
  },
  ...TIME_RANGE_SHAPES,
  grain: { schema: z.enum(GRAINS).describe('Width of one row of csv, jsonl and parquet; other formats are by day.').meta({ default: 'day' }) },
  where: WHERE_SHAPE,
};

/** Throws LedgerlineError `invalid` that names the parameter, its value and the remedy. */
export function parseExport(parameters: Parameters, { config, nowMs }: ParseContext): ExportRequest {
  const format = readWord(parameters, 'format', FORMAT_NAMES, 'csv');
  refuseIdle(parameters, format);
  const calendar = readCalendar(parameters, config);
  const { rows } = FORMATS[format];
  const chosen = readNames(parameters, 'by', isDimension, DIMENSION_NAMES, rows === 'usage' ? USAGE_BY : TAGS);
  if (chosen.length > BY_MAX) throw badParameter('by', chosen.join(','), `names ${chosen.length} dimensions`, `Give at most ${BY_MAX}.`);
  const measures = readNames(parameters, 'measures', isMeasure, MEASURE_NAMES, TOKEN_USAGE_MEASURES);
  if (measures.length === 0) throw badParameter('measures', '', 'names no measure', `Allowed: ${MEASURE_NAMES.join(', ')}.`);
  return {
    format,
    focus: readWord(parameters, 'focus', FOCUS_VERSIONS, '1.4'),
    query: {
      ...readTimeRange(parameters, calendar, nowMs),
      ...shapeOf(rows, chosen, measures),
      grain: rows === 'usage' ? readWord<Grain>(parameters, 'grain', GRAINS, 'day') : 'day',
      timeZone: calendar.timeZone,
      where: readWhere(parameters),
    },
    measures,
    tags: chosen,
  };
}

function shapeOf(
  rows: 'usage' | 'charges' | 'days',
  chosen: readonly DimensionName[],
  measures: readonly MeasureName[],
): Pick<RowsQuery, 'by' | 'measures'> {
  if (rows === 'days') return { by: ['model'], measures: DAY_MEASURES };
  if (rows === 'charges') return { by: [...new Set([...CHARGE_DIMENSIONS, ...chosen])], measures: CHARGE_MEASURES };
  return { by: chosen, measures: [...new Set<MeasureName>([...measures, 'cost'])] };
}

/** What a format cannot follow is refused, so that nobody takes a file for something else. */
function refuseIdle(parameters: Parameters, format: FormatName): void {
  const { rows } = FORMATS[format];
  const idle = [...(rows === 'usage' ? [] : ['measures', 'grain']), ...(rows === 'days' ? ['by'] : []), ...(isFocus(format) ? [] : ['focus'])];
  for (const key of idle) {
    const value = parameters.get(key);
    if (value !== null) throw badParameter(key, value, `does not apply to format=${format}`, `Leave ${key} out, or choose another format.`);
  }
}
