/** "Did you mean": the known word nearest to a misspelt one. */

/** How many single-letter changes, and swaps of neighbors, turn one word into the other. Beyond `max` it may be any number above it. */
export function editDistance(from: string, to: string, max = Number.POSITIVE_INFINITY): number {
  if (Math.abs(from.length - to.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    if (Math.min(...current) > max && Math.min(...last) > max) return max + 1;
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The nearest known word, when it is near enough that the writer plausibly meant it. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  let nearest: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const most = nearest === undefined ? tolerance : nearest.distance - 1;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), most);
    if (distance <= most) nearest = { word: candidate, distance };
  }
  return nearest?.word;
}
