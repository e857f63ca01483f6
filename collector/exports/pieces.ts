/** Pages cut to what is written without a pause, so that whoever shares the thread gets a turn between two pieces. */
import { turn } from '../core/turn.ts';

/** Of text, some milliseconds. */
const PIECE_CELLS = 20_000;

/** Without empty ones. */
export async function* inPieces<Row>(pages: AsyncIterable<readonly Row[]>, columns: number): AsyncIterable<readonly Row[]> {
  const size = Math.max(1, Math.floor(PIECE_CELLS / columns));
  for await (const page of pages) {
    for (let from = 0; from < page.length; from += size) {
      yield page.slice(from, from + size);
      await turn();
    }
  }
}
