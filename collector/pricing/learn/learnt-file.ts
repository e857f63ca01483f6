/** What was learnt, as a file in the data folder: written by the collector alone, read by whoever prices. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ratesSchema } from '../../config/prices.ts';
import { day } from '../../config/shapes.ts';
import type { PriceRow, PriceTable } from '../periods.ts';

const evidence = z.strictObject({
  /** That agree to 10^-9 USD. */
  requests: z.number().int().min(0),
  client_versions: z.array(z.string()),
  first: z.string(),
  last: z.string(),
  /** Lengths of their prompts, in tokens. Versions before this one did not keep them. */
  prompts: z.strictObject({ shortest: z.number().int().min(0), longest: z.number().int().min(0) }).optional(),
});

const learntRow = z.strictObject({
  from: day,
  rates: ratesSchema,
  /** Classes that no request used. */
  assumed: z.array(z.string()),
  ...evidence.shape,
  /** Requests since then that do not agree. */
  others: z.number().int().min(0),
});

const learntModel = z.strictObject({
  normal: z.array(learntRow),
  fast: z.array(learntRow),
  /** Requests at the price that clients have for models they do not know. */
  fallback: evidence.optional(),
});

const fileSchema = z.strictObject({ version: z.literal(1), models: z.record(z.string(), z.unknown()) });

export type Evidence = z.output<typeof evidence>;
export type PromptLengths = NonNullable<Evidence['prompts']>;
export type LearntRow = z.output<typeof learntRow>;
export type LearntModel = z.output<typeof learntModel>;
export type LearntModels = Readonly<Record<string, LearntModel>>;

/** Whoever may send may name any model. */
export const LEARNT_MODELS_MAX = 50;
export const hasLearntPrice = ({ normal, fast }: LearntModel): boolean => normal.length + fast.length > 0;
/** Of clients, the latest. */
export const VERSIONS_MAX = 10;

/** Nothing where there is nothing, or nothing that can be read: it is learnt again. What is damaged of one model is nothing of that model alone. */
export function parseLearnt(bytes: Uint8Array | undefined): LearntModels {
  try {
    const { models } = fileSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
    return Object.fromEntries(
      Object.entries(models).flatMap(([model, read]) => {
        const { data } = learntModel.safeParse(read);
        return data === undefined ? [] : [[model, data]];
      }),
    );
  } catch {
    return {};
  }
}

export const learntText = (models: LearntModels): string => `${JSON.stringify({ version: 1, models }, null, 1)}\n`;

/** The same of a file. */
export function readLearnt(file: string): LearntModels {
  try {
    return parseLearnt(readFileSync(file));
  } catch {
    return {};
  }
}

/** Appears whole or not at all. */
export function writeLearnt(file: string, models: LearntModels): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.unfinished`;
  writeFileSync(unfinished, learntText(models), { mode: 0o600 });
  renameSync(unfinished, file);
}

/** A price in fast mode alone is no row: the normal one is learnt sooner or later, too. */
export const learntTable = (models: LearntModels): PriceTable =>
  Object.fromEntries(
    Object.entries(models).flatMap(([model, learnt]) => {
      const rows = rowsOf(learnt);
      return rows.length === 0 ? [] : [[model, rows]];
    }),
  );

/** A row for each day on which either price changes. */
function rowsOf({ normal, fast }: LearntModel): readonly PriceRow[] {
  const [firstNormal] = normal;
  if (firstNormal === undefined) return [];
  // The first one in fast mode holds before its day, too.
  const days = new Set([...normal, ...fast.slice(1)].map(({ from }) => from).filter((from) => from >= firstNormal.from));
  return [...days].sort().map((from): PriceRow => {
    const inFastMode = heldOn(from, fast);
    const { rates } = heldOn(from, normal) ?? firstNormal;
    return {
      from,
      source: `learnt: what clients charged from ${from} on`,
      normal: rates,
      ...(inFastMode !== undefined && { fast: inFastMode.rates }),
    };
  });
}

const heldOn = (day: string, rows: readonly LearntRow[]): LearntRow | undefined => rows.findLast(({ from }) => from <= day) ?? rows[0];

/** Why what clients charge for a model is no price of it. */
export const fallbackWords = ({ requests, client_versions }: Evidence): string =>
  `Claude Code ${client_versions.join(', ')} charged ${requests === 1 ? '1 request' : `${requests} requests`} of it at the price for models that it does not know, which is none.`;

const LOOK_MS = 10_000;

/** The table of the file as it is now, looked at every ten seconds at most. The same object while nothing changed. */
export function learntFrom(file: string, now: () => number = Date.now): () => PriceTable {
  let [table, version, lookedMs]: [PriceTable, string, number] = [{}, '', Number.NEGATIVE_INFINITY];
  return () => {
    const nowMs = now();
    if (nowMs - lookedMs < LOOK_MS) return table;
    lookedMs = nowMs;
    const stats = statSync(file, { throwIfNoEntry: false });
    const found = stats === undefined ? '' : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
    if (found !== version) [table, version] = [learntTable(readLearnt(file)), found];
    return table;
  };
}
