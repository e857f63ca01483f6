/** The `exports:` section: files of the ledger that the collector writes on a schedule. */
import { z } from 'zod';
import { FOCUS_VERSIONS, FORMAT_NAMES, FORMATS } from '../catalog/export-formats.ts';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../catalog/measures.ts';
import { GRAINS } from '../core/calendar.ts';
import { slug } from './channels/shapes.ts';
import { firstIndexes } from './firsts.ts';
import { timeZone } from './shapes.ts';

export const EXPORT_PERIODS = ['yesterday', 'last_week', 'last_month'] as const;

const scheduledExport = z.strictObject({
  name: slug.describe('Also the folder of its files.'),
  schedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, 'must be a cron expression of five fields, such as "0 6 * * *" for six every morning')
    .default('0 6 * * *')
    .describe('Cron expression of five fields: minute, hour, day, month, weekday.'),
  time_zone: timeZone.optional().describe('Time zone of the schedule and of the days in the files. Default: the time zone of the ledger.'),
  format: z.enum(FORMAT_NAMES).describe('See docs/exports.md.'),
  focus: z.enum(FOCUS_VERSIONS).optional().describe('Version of FOCUS, for its formats. Default: 1.4.'),
  period: z.enum(EXPORT_PERIODS).default('yesterday').describe('One file for each such period.'),
  folder: z.string().min(1).optional().describe('Default: `exports` in the data folder. Files go in a folder of its name in there.'),
  by: z.array(z.enum(DIMENSION_NAMES)).optional().describe('Columns, or tags of focus and aws-billing. Default: those of GET /api/v1/export.'),
  measures: z.array(z.enum(MEASURE_NAMES)).min(1).optional().describe('Of csv, jsonl and parquet.'),
  grain: z.enum(GRAINS).optional().describe('Width of one row of csv, jsonl and parquet. Default: day.'),
  where: z
    .array(z.string().regex(/^[a-z_]+:/, 'must be a filter as dimension:value, such as "team:platform"'))
    .default([])
    .describe('Filters as dimension:value. All dimensions must match, values of one dimension are alternatives.'),
  compression: z.enum(['none', 'gzip']).default('none').describe('Parquet is compressed in any case.'),
  recheck_days: z
    .number()
    .int()
    .min(0)
    .max(400)
    .default(35)
    .describe(
      'At each time, files of periods that ended so recently are made again, and replaced where they differ. Older ones where their sum does.',
    ),
});

export const exportsSchema = z
  .array(scheduledExport)
  .default([])
  .superRefine((items, context) => {
    const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const [index, first] of firstIndexes(items, ({ name }) => name).entries())
      if (first !== index) report([index, 'name'], 'must be unique among the exports');
    for (const [index, { format, compression }] of items.entries())
      if (compression === 'gzip' && 'isCompressed' in FORMATS[format])
        report([index, 'compression'], `must be none: ${format} is compressed already`);
  });

export type ScheduledExport = z.output<typeof scheduledExport>;
