/** Sums of many measures as one text, for what is kept beside roll-ups: it stays readable when the catalog grows. */
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../catalog/measures.ts';
import { plus, Vector } from './sums.ts';

/** What sums come to, column by column: buckets of latencies are apart. */
export type Totals = ReadonlyMap<MeasureName, bigint>;

export const totalsOf = (vector: Vector): Totals => new Map(MEASURE_NAMES.map((name, index) => [name, BigInt(vector.values[index] ?? 0)]));

/** "id=sum id=sum" of all columns that are not zero. */
export const sumsText = (totals: Totals): string =>
  [...totals].flatMap(([name, total]) => (total === 0n ? [] : [`${MEASURES[name].id}=${total}`])).join(' ');

/** By the id of a measure, as text: where it is in a vector. */
const INDEX = new Map(MEASURE_NAMES.map((name, index) => [String(MEASURES[name].id), index]));

/** `only`: where these are all that is wanted. */
export function readSums(text: string, only?: ReadonlySet<MeasureName>): Vector {
  const vector = new Vector();
  for (const pair of text === '' ? [] : text.split(' ')) {
    const middle = pair.indexOf('=');
    const index = INDEX.get(pair.slice(0, middle));
    const name = index === undefined ? undefined : MEASURE_NAMES[index];
    if (index === undefined || name === undefined || only?.has(name) === false) continue;
    const sum = BigInt(pair.slice(middle + 1));
    // As the sums of a row are: money is always a bigint.
    vector.values[index] = MEASURES[name].unit === 'usd' ? sum : plus(0, sum);
  }
  return vector;
}
