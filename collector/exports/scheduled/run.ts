/**
 * One scheduled export, brought up to date: files that are missing are written, files with figures that have changed since are replaced. Broken
 * off at any instant and begun again, it ends with the same files.
 */
import { statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FORMATS, isFocus } from '../../catalog/export-formats.ts';
import type { Config } from '../../config/config.ts';
import { exportFolderOf } from '../../config/data-folder.ts';
import type { ScheduledExport } from '../../config/exports.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { formatUsd } from '../../core/money.ts';
import { VERSION } from '../../core/version.ts';
import { writeWholeFile } from '../../core/whole-file.ts';
import { knownFilters } from '../../query/known-values.ts';
import { renderInstant } from '../../query/render.ts';
import { type ExportContext, type OpenExport, openExport } from '../exports.ts';
import { type FocusMetadata, focusMetadata } from '../focus/metadata.ts';
import { type ExportRequest, parseExport } from '../request.ts';
import { whileAlone } from './alone.ts';
import { fileNameOf, sweep } from './files.ts';
import { type Manifest, type ManifestFile, readManifest, writeManifest } from './manifest.ts';
import { type ExportPeriod, lastDueMs, periodsUntil, UNITS } from './periods.ts';
import { readSchemaId, writeSchema } from './schema.ts';

export interface RunOptions {
  readonly context: ExportContext;
  readonly now: () => number;
  /** Does it whatever the schedule says, for the last complete period. */
  readonly isAsked?: boolean;
  /** Makes every file again, however old. */
  readonly isWhole?: boolean;
}

export interface RunOutcome {
  /** Undefined: nothing was due. */
  readonly dueMs: number | undefined;
  /** Names of the files that were written or replaced. */
  readonly written: readonly string[];
  /** Files that were looked at and stayed. */
  readonly kept: number;
}

export const folderOf = (spec: ScheduledExport, config: Pick<Config, 'data'>): string => join(spec.folder ?? exportFolderOf(config), spec.name);

export const calendarOf = (spec: ScheduledExport, config: Pick<Config, 'timezone' | 'week_start'>): CalendarOptions => ({
  timeZone: spec.time_zone ?? config.timezone,
  weekStart: config.week_start,
});

/** What it asks for, without its time range. Throws LedgerlineError `invalid` for keys that do not go together. */
export function requestOf(spec: ScheduledExport, config: Config): ExportRequest {
  const parameters = new URLSearchParams({ format: spec.format, tz: calendarOf(spec, config).timeZone });
  if (spec.focus !== undefined) parameters.set('focus', spec.focus);
  if (spec.by !== undefined) parameters.set('by', spec.by.join(','));
  if (spec.measures !== undefined) parameters.set('measures', spec.measures.join(','));
  if (spec.grain !== undefined) parameters.set('grain', spec.grain);
  for (const filter of spec.where) parameters.append('where', filter);
  return parseExport(parameters, { config, nowMs: 0 });
}

export async function runExport(spec: ScheduledExport, options: RunOptions): Promise<RunOutcome> {
  const run = new Run(spec, options);
  return run.bringUpToDate();
}

const NOTHING_DUE: RunOutcome = { dueMs: undefined, written: [], kept: 0 };

class Run {
  readonly #spec: ScheduledExport;
  readonly #options: RunOptions;
  readonly #calendar: CalendarOptions;
  readonly #request: ExportRequest;
  readonly #folder: string;

  constructor(spec: ScheduledExport, options: RunOptions) {
    const { config } = options.context;
    this.#spec = spec;
    this.#options = options;
    this.#calendar = calendarOf(spec, config);
    this.#request = requestOf(spec, config);
    this.#folder = folderOf(spec, config);
  }

  async bringUpToDate(): Promise<RunOutcome> {
    const nowMs = this.#options.now();
    if (this.#dueMs(await this.#manifest(), nowMs) === undefined) return NOTHING_DUE;
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    return whileAlone(this.#folder, () => this.#write(nowMs));
  }

  #dueMs(before: Manifest | undefined, nowMs: number): number | undefined {
    if (this.#options.isAsked === true) return nowMs;
    return lastDueMs(this.#spec, this.#calendar.timeZone, before && Date.parse(before.complete_to), nowMs);
  }

  async #write(nowMs: number): Promise<RunOutcome> {
    // Again: another run may have done it meanwhile.
    const before = await this.#manifest();
    const dueMs = this.#dueMs(before, nowMs);
    if (dueMs === undefined) return NOTHING_DUE;
    await sweep(this.#folder, before?.files ?? [], nowMs);
    const isOther = before !== undefined && !(await this.#isAsBefore(before));
    if (before === undefined) await this.#describe();
    const known = new Map((before?.files ?? []).map((file) => [file.period, file]));
    const periods = periodsUntil(dueMs, this.#spec.period, this.#calendar, before?.files[0]?.period);
    const wanted = isOther || this.#options.isWhole === true ? periods : await this.#wanted(periods, known, nowMs);
    const written: string[] = [];
    for (const period of wanted) {
      const old = known.get(period.name);
      const made = await this.#make(period, old);
      if (made === undefined) continue;
      known.set(period.name, made);
      written.push(made.file);
      // After each file, so that what is interrupted goes on from here.
      await this.#save(known, before ?? { format: this.#spec.format, complete_to: renderInstant(period.toMs) });
      // Not before: until then the manifest names it.
      if (old !== undefined && old.file !== made.file) await rm(join(this.#folder, old.file), { force: true });
    }
    if (isOther) await this.#describe();
    await this.#save(known, { format: this.#spec.format, complete_to: renderInstant(dueMs) });
    return { dueMs, written, kept: wanted.length - written.length };
  }

  /** What was written for other periods, or in other days, is left alone: it begins anew. */
  async #manifest(): Promise<Manifest | undefined> {
    const manifest = await readManifest(this.#folder, this.#options.now());
    return manifest?.period === this.#spec.period && manifest.time_zone === this.#calendar.timeZone ? manifest : undefined;
  }

  /** Periods that are made again: those without their file, recent ones, and older ones with another sum than their file says. */
  async #wanted(periods: readonly ExportPeriod[], known: ReadonlyMap<string, ManifestFile>, nowMs: number): Promise<readonly ExportPeriod[]> {
    const sums = await this.#sums(periods);
    const recentMs = nowMs - this.#spec.recheck_days * DAY_MS;
    const isWanted = (period: ExportPeriod): boolean => {
      const file = known.get(period.name);
      return file === undefined || period.toMs > recentMs || file.cost_usd !== formatUsd(sums.get(period.fromMs) ?? 0n) || !this.#isThere(file);
    };
    return periods.filter(isWanted);
  }

  /** The booked cost of each period: one question, however many there are. */
  async #sums(periods: readonly ExportPeriod[]): Promise<ReadonlyMap<number, bigint>> {
    const [first, last] = [periods[0], periods.at(-1)];
    if (first === undefined || last === undefined) return new Map();
    const { reader } = this.#options.context;
    const { where } = await knownFilters(this.#request.query.where, reader);
    const { rows } = await reader.query({
      ...{ measures: ['cost'], by: [], grain: UNITS[this.#spec.period], where, timeZone: this.#calendar.timeZone },
      ...{ fromMs: first.fromMs, toMs: last.toMs, rowsMax: periods.length + 1 },
    });
    return new Map(rows.map(({ startMs, values }) => [startMs ?? 0, values[0] ?? 0n]));
  }

  #isThere({ file, bytes }: ManifestFile): boolean {
    return statSync(join(this.#folder, file), { throwIfNoEntry: false })?.size === bytes;
  }

  /** Undefined where the file that is there says the same. */
  async #make(period: ExportPeriod, before: ManifestFile | undefined): Promise<ManifestFile | undefined> {
    const { context, now } = this.#options;
    const request = { ...this.#request, query: { ...this.#request.query, fromMs: period.fromMs, toMs: period.toMs } };
    const nameOf = (revision: number): string => fileNameOf(period.name, revision, this.#extension);
    const revision = before?.revision ?? 0;
    const isThere = before !== undefined && before.file === nameOf(revision) && this.#isThere(before);
    // What the manifest says of a file stays true of it: other figures have another name.
    const revisionOf = (sha256: string): number => revision + (before?.sha256 === sha256 ? 0 : 1);
    const opened = await openExport(request, context);
    try {
      const { bytes, sha256 } = await writeWholeFile(join(this.#folder, nameOf(revision + 1)), this.#packed(opened), (written) =>
        isThere && written.sha256 === before.sha256 ? undefined : join(this.#folder, nameOf(revisionOf(written.sha256))),
      );
      if (isThere && before.sha256 === sha256) return undefined;
      return {
        ...{ period: period.name, file: nameOf(revisionOf(sha256)), from: renderInstant(period.fromMs), to: renderInstant(period.toMs) },
        ...{ rows: opened.tally.rows, cost_usd: formatUsd(opened.tally.cost), bytes, sha256, as_of: renderInstant(opened.asOfMs) },
        ...{ written_at: renderInstant(now()), revision: revisionOf(sha256), version: VERSION },
      };
    } finally {
      await opened.close();
    }
  }

  get #extension(): string {
    return `${FORMATS[this.#spec.format].extension}${this.#spec.compression === 'gzip' ? '.gz' : ''}`;
  }

  #packed({ bytes }: OpenExport): AsyncIterable<Uint8Array> {
    if (this.#spec.compression === 'none') return bytes;
    const gzip = createGzip();
    // Where reading fails, so does what is read from here.
    pipeline(Readable.from(bytes, { objectMode: false }), gzip).catch(() => undefined);
    return gzip;
  }

  /** Until every file is of the new format, the manifest says the one before: what is interrupted is then begun again. */
  async #save(known: ReadonlyMap<string, ManifestFile>, state: Pick<Manifest, 'format' | 'complete_to'>): Promise<void> {
    const { name, period } = this.#spec;
    const files = [...known.values()].sort((a, b) => (a.period < b.period ? -1 : 1));
    const { format, complete_to } = state;
    const manifest: Manifest = { manifest: 1, name, format, period, time_zone: this.#calendar.timeZone, complete_to, files };
    await writeManifest(this.#folder, manifest);
  }

  /** Are the files there of this format, and does the schema beside them say so? */
  async #isAsBefore({ format }: Manifest): Promise<boolean> {
    if (format !== this.#spec.format) return false;
    return !isFocus(format) || (await readSchemaId(this.#folder)) === this.#metadata().Schema[0].SchemaId;
  }

  #metadata(): FocusMetadata {
    return focusMetadata(this.#request.focus, this.#spec.name, this.#options.now());
  }

  /** FOCUS wants the schema of its files beside them. */
  async #describe(): Promise<void> {
    if (isFocus(this.#spec.format)) await writeSchema(this.#folder, this.#metadata());
  }
}
