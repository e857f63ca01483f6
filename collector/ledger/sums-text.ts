/** Sums of many measures as one text, for what is kept beside roll-ups: it stays readable when the catalog grows. */
import { MEASURE_NAMES, MEASURES, type MeasureName, measureById } from '../catalog/measures.ts';
import { plus, Vector } from './sums.ts';

/** What sums come to, column by column: buckets of latencies are apart. */
export type Totals = ReadonlyMap<MeasureName, bigint>;

export const totalsOf = (vector: Vector): Totals => new Map(MEASURE_NAMES.map((name, index) => [name, BigInt(vector.values[index] ?? 0)]));

/** "id=sum id=sum" of all columns that are not zero. */
export const sumsText = (totals: Totals): string =>
  [...totals].flatMap(([name, total]) => (total === 0n ? [] : [`${MEASURES[name].id}=${total}`])).join(' ');

export function readSums(text: string): Vector {
  const vector = new Vector();
  for (const pair of text === '' ? [] : text.split(' ')) {
    const [id, sum = '0'] = pair.split('=');
    const name = measureById(Number(id));
    if (name === undefined) continue;
    // As the sums of a row are: money is always a bigint.
    const amount = MEASURES[name].unit === 'usd' ? BigInt(sum) : plus(0, BigInt(sum));
    vector.values[MEASURE_NAMES.indexOf(name)] = amount;
  }
  return vector;
}
