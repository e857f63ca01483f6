/** What `ledgerline backfill` sends: the time range, the step and the labels that its options name. */

import { exposedFamilies } from '../catalog/series-families.ts';
import { QUARTER_MS } from '../core/calendar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/duration.ts';
import { LedgerlineError } from '../core/error.ts';
import { parseTimeRange, periodStart } from '../core/time-range.ts';
import { VERSION } from '../core/version.ts';
import type { Labels } from '../exposition/backfill/family-totals.ts';
import { firstQuarterMs, type Instant, readHistory } from '../exposition/backfill/history.ts';
import { openLedgerReader } from '../storage/open.ts';
import { type LedgerOptions, settings } from './options.ts';
import { withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface PastOptions extends LedgerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly step: string;
  readonly job: string;
  readonly instance: string;
  readonly label?: readonly string[];
}

export interface Past {
  readonly instants: AsyncIterable<Instant>;
  /** Reports each tenth of the way to the terminal. */
  readonly progress: (doneMs: number, samples: number) => void;
  readonly done: (samples: number) => void;
  readonly close: () => Promise<void>;
}

const STEP_UNIT_MS = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS } as const;
const LABEL = /^([a-zA-Z_]\w*)=(.+)$/s;
const TENTHS = 10;

/** Opens the ledger; without --to the past ends at `endMs`, at the latest now. Throws LedgerlineError `invalid` for options that cannot be, `not_found` where there is nothing to send. */
export async function history(options: PastOptions, terminal: Terminal, endMs = Number.POSITIVE_INFINITY): Promise<Past> {
  const stepMs = parseStep(options.step);
  const labels = parseLabels(options);
  const config = settings(options, terminal);
  const calendar = { timeZone: config.timezone, weekStart: config.week_start };
  const reader = await openLedgerReader(config);
  try {
    const timeRange = parseTimeRange(options, calendar, terminal.now());
    const firstMs = await firstQuarterMs(reader);
    if (firstMs === undefined) throw nothing('The ledger is empty.');
    // A day's bar needs to know that the day began with nothing.
    const dayMs = Math.min(Math.floor(firstMs / DAY_MS) * DAY_MS, periodStart('day', firstMs, calendar));
    const fromMs = wholeSteps(timeRange.fromMs ?? dayMs, stepMs);
    const toMs = wholeSteps(Math.min(timeRange.toMs ?? endMs, terminal.now()), stepMs);
    if (toMs < fromMs) throw nothing(`There is no whole step of ${options.step} between --from and --to.`);
    const families = exposedFamilies(config.exposition);
    let series = 0;
    async function* counted(): AsyncGenerator<Instant, void> {
      for await (const instant of readHistory(reader, { fromMs, toMs, stepMs, labels, families, version: VERSION })) {
        series = instant.tracks.length;
        yield instant;
      }
    }
    const done = (samples: number): void => {
      terminal.err(`${withThousands(samples)} samples of ${withThousands(series)} series, ${day(fromMs)} to ${day(toMs)}.`);
      const seriesMax = config.limits.exposition_series;
      if (series > seriesMax) terminal.err(groupedText(series, seriesMax));
    };
    return { instants: counted(), progress: tenths(fromMs, toMs, terminal), done, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

const wholeSteps = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs;
const day = (ms: number): string => new Date(ms).toISOString().replace(/:00\.000Z$/, 'Z');

const nothing = (message: string): LedgerlineError =>
  new LedgerlineError('not_found', message, { hint: 'There is nothing to backfill. Check --data, --from, --to and --step.' });

const groupedText = (series: number, seriesMax: number): string =>
  `${withThousands(series)} series are more than /metrics shows (limits.exposition_series: ${withThousands(seriesMax)}): where past and present meet, the smallest become "(other)". Raise the limit to keep them apart.`;

function parseStep(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const stepMs = Number(count) * (unit === 'm' || unit === 'h' || unit === 'd' ? STEP_UNIT_MS[unit] : Number.NaN);
  const fits = stepMs < QUARTER_MS ? QUARTER_MS % stepMs === 0 : stepMs % QUARTER_MS === 0 && DAY_MS % stepMs === 0;
  if (stepMs > 0 && fits) return stepMs;
  throw new LedgerlineError('invalid', `--step ${text.slice(0, 80)} is not a step.`, {
    hint: 'The ledger is cut at quarters of an hour: write 15m, 30m, 1h, 1d or another multiple of 15m that divides a day, or 5m, 3m, 1m.',
  });
}

/** Labels that a scrape would add. */
export function parseLabels({ job, instance, label = [] }: PastOptions): Labels {
  const more = label.map((text): [string, string] => {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new LedgerlineError('invalid', `--label ${text.slice(0, 80)} is not a label.`, { hint: 'Write name=value, such as cluster=eu.' });
  });
  return { job, instance, ...Object.fromEntries(more) };
}

function tenths(fromMs: number, toMs: number, terminal: Terminal): Past['progress'] {
  let reported = 0;
  return (doneMs, samples) => {
    const tenth = Math.floor((TENTHS * (doneMs - fromMs)) / Math.max(1, toMs - fromMs));
    if (tenth <= reported) return;
    reported = tenth;
    terminal.err(`${tenth * TENTHS} %: ${withThousands(samples)} samples, up to ${day(doneMs)}`);
  };
}
