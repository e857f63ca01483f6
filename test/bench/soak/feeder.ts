/** Writes the bodies of the next minutes while those of the last are sent, in a process of its own: it takes seconds of a core. */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { organization } from '../../../collector/demo/people.ts';
import { SEED, writeBodies } from '../bodies.ts';
import { LiveExports } from '../live-exports.ts';

export interface FeedOrder {
  readonly folder: string;
  readonly people: number;
  /** The exports' times are spread over all pieces. */
  readonly fromMs: number;
  readonly pieceMs: number;
  readonly pieces: number;
  readonly exportsOfPiece: number;
}

/** It shares the cores with the server, and has two minutes for what it does: what it takes must not be seen in the server's answers. */
const NICENESS = 19;

let live: LiveExports | undefined;

async function write({ folder, people, fromMs, pieceMs, pieces, exportsOfPiece }: FeedOrder): Promise<string[]> {
  live ??= new LiveExports(SEED, organization(SEED, people), fromMs);
  const exports = live.take(['logs', 'metrics'], pieces * exportsOfPiece, { fromMs, toMs: fromMs + pieces * pieceMs });
  const files: string[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    const file = join(folder, `bodies-${fromMs}-${piece}`);
    const part = exports.slice(piece * exportsOfPiece, (piece + 1) * exportsOfPiece);
    await writeBodies(file, part, { encoding: 'protobuf', gzip: false });
    files.push(file);
  }
  return files;
}

setPriority(NICENESS);
process.on('message', async (order: FeedOrder) => {
  process.send?.(await write(order));
});
process.once('disconnect', () => process.exit(1));
