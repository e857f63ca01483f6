/** The order of an export's rows: by period, then by key. */
import type { Row } from './ledger.ts';

/** Value by value, as JavaScript compares text. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index++) {
    const [one = '', other = ''] = [a[index], b[index]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

export const inRowOrder = (a: Row, b: Row): number => (a.startMs ?? 0) - (b.startMs ?? 0) || compareKeys(a.key, b.key);
