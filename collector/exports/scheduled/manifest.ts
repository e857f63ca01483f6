/** manifest.json beside the files of a scheduled export: what is there, with checksums. Readers of the files go by it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DAY_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { writeWholeFile } from '../../core/whole-file.ts';

const instant = z.iso.datetime();

const fileSchema = z.object({
  /** The period: a day, the first day of a week, or a month. */
  period: z.string(),
  file: z.string(),
  from: instant,
  /** Not included. */
  to: instant,
  rows: z.number().int(),
  cost_usd: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** When the ledger had last committed what is in it. */
  as_of: instant.nullable(),
  written_at: instant,
  /** 1, and one more each time the figures changed. */
  revision: z.number().int(),
  /** Of Ledgerline. */
  version: z.string(),
});

const manifestSchema = z.object({
  manifest: z.literal(1),
  name: z.string(),
  format: z.string(),
  /** Of one file: yesterday, last_week or last_month. */
  period: z.string(),
  time_zone: z.string(),
  /** The time of the schedule up to which everything has been written. */
  complete_to: instant,
  /** The oldest period first. */
  files: z.array(fileSchema),
});

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

const NAME = 'manifest.json';

/** Clocks of two machines, or of one before and after it is set, are no further apart. */
const AHEAD_MAX_MS = DAY_MS;

/** Undefined where there is none yet. What was written while the clock was days ahead is left out: no such time has come. */
export async function readManifest(folder: string, nowMs: number): Promise<Manifest | undefined> {
  const manifest = await readAsWritten(folder);
  if (manifest === undefined || Date.parse(manifest.complete_to) <= nowMs + AHEAD_MAX_MS) return manifest;
  const files = manifest.files.filter(({ to }) => Date.parse(to) <= nowMs);
  const last = files.at(-1);
  return last && { ...manifest, files, complete_to: last.to };
}

async function readAsWritten(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, NAME);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LedgerlineError('invalid', `${path} is no manifest of this version.`, {
      cause,
      hint: 'Move the folder away: the export begins anew.',
    });
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeWholeFile(join(folder, NAME), [new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)]);
}
