/** Into Prometheus as blocks, which promtool makes from OpenMetrics text. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HOUR_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import type { Instant } from './history.ts';
import { END_OF_OPENMETRICS, textChunks } from './text.ts';
import type { Progress } from './victoriametrics.ts';

const CHARACTERS_MAX = 1_000_000;

async function* text(instants: AsyncIterable<Instant>, report: Progress): AsyncGenerator<string, void> {
  let samples = 0;
  for await (const chunk of textChunks(instants, 'openmetrics', CHARACTERS_MAX)) {
    samples += chunk.samples;
    yield chunk.text;
    report(chunk.timeMs, samples);
  }
  yield END_OF_OPENMETRICS;
}

/** Writes or replaces the file, a new one for this user alone: it names people. Resolves to the number of samples. */
export async function writeOpenMetrics(instants: AsyncIterable<Instant>, file: string, progress: Progress): Promise<number> {
  let samples = 0;
  const report: Progress = (doneMs, count) => {
    samples = count;
    progress(doneMs, count);
  };
  await pipeline(Readable.from(text(instants, report)), createWriteStream(file, { mode: 0o600 }));
  return samples;
}

/** Hands the text to `out` piece by piece; each piece ends with a line's end. Resolves to the number of samples. */
export async function printOpenMetrics(instants: AsyncIterable<Instant>, out: (text: string) => void): Promise<number> {
  let samples = 0;
  for await (const piece of text(instants, (_, count) => (samples = count))) out(piece);
  return samples;
}

/**
 * Runs promtool once for each block: it reads its whole input again for every block, so that one file of three months
 * would be read a thousand times. Blocks appear in `folder`, the data folder of a Prometheus.
 */
export async function createBlocks(instants: AsyncIterable<Instant>, promtool: string, folder: string, progress: Progress): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'ledgerline-backfill-'));
  try {
    const file = join(scratch, 'block.txt');
    let samples = 0;
    for await (const block of blocks(instants)) {
      let lastMs = 0;
      const count = await writeOpenMetrics(block, file, (doneMs) => (lastMs = doneMs));
      await runPromtool(promtool, [...CREATE_BLOCKS, file, folder]);
      samples += count;
      progress(lastMs, samples);
    }
    return samples;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export const CREATE_BLOCKS = ['tsdb', 'create-blocks-from', 'openmetrics'] as const;

/** What promtool's blocks hold, counted from the epoch. */
const BLOCK_MS = 2 * HOUR_MS;

/** Each block must be read to its end before the next. */
async function* blocks(instants: AsyncIterable<Instant>): AsyncGenerator<AsyncIterable<Instant>, void> {
  const all = instants[Symbol.asyncIterator]();
  let next = await all.next();
  const blockOf = ({ timeMs }: Instant): number => Math.floor(timeMs / BLOCK_MS);
  async function* ofBlock(block: number): AsyncGenerator<Instant, void> {
    for (; next.done !== true && blockOf(next.value) === block; next = await all.next()) yield next.value;
  }
  while (next.done !== true) yield ofBlock(blockOf(next.value));
}

async function runPromtool(promtool: string, args: readonly string[]): Promise<void> {
  const child = spawn(promtool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (printed = `${printed}${part}`.slice(-2_000)));
  const [code] = await once(child, 'close').catch((cause: unknown) => {
    throw new LedgerlineError('not_found', `--promtool: ${promtool} cannot be run.`, {
      cause,
      hint: 'Name the promtool that came with your Prometheus.',
    });
  });
  if (code !== 0) {
    throw new LedgerlineError('invalid', `promtool failed with ${code}: ${printed.trim()}`, {
      hint: 'Check that --tsdb is the data folder of a Prometheus and that it can be written.',
    });
  }
}
