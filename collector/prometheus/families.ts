/** Families of the text format: HELP and TYPE once, then every sample of that name, in chunks. */

import { labelText } from '../label-text.ts';
import type { MeasureName } from '../measures.ts';
import type { LabelledRows } from './rows.ts';

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
}

/** One measure's share of a family. */
export interface Part {
  readonly rows: LabelledRows;
  readonly measure: MeasureName;
  /** Fixed labels, beside those of the row. */
  readonly labels: Readonly<Record<string, string>>;
  /** Exposed value = measure / divisor. */
  readonly divisor: number;
}

/** About as much as a socket takes at once, and less than a millisecond's work. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Cost is shown for every label set. Other series appear with their first amount: most label sets never have an error or a commit. */
export const isShown = (measure: MeasureName, value: bigint): boolean => measure === 'cost' || value !== 0n;

export const gauge = (name: string, help: string): Family => ({ name, help, type: 'gauge' });

/** Nothing at all for a family without samples. */
export function* familyText(family: Family, parts: readonly Part[]): Iterable<string> {
  let text = headerText(family);
  let samples = 0;
  for (const { rows, measure, labels, divisor } of parts) {
    const index = rows.measures.indexOf(measure);
    const before = `${family.name}{`;
    const after = Object.keys(labels).length === 0 ? '} ' : `,${labelText(labels)}} `;
    for (const [{ text: rowLabels }, values] of rows.rows) {
      const value = values[index] ?? 0n;
      if (!isShown(measure, value)) continue;
      samples++;
      text += `${before}${rowLabels}${after}${Number(value) / divisor}\n`;
      if (text.length < CHUNK_CHARACTERS) continue;
      yield text;
      text = '';
    }
  }
  if (samples > 0) yield text;
}

/** A family of a few samples that come from no rows. */
export function samplesText(family: Family, samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]): string {
  if (samples.length === 0) return '';
  const line = ([labels, value]: (typeof samples)[number]): string => {
    const text = labelText(labels);
    return `${family.name}${text === '' ? '' : `{${text}}`} ${numberText(value)}\n`;
  };
  return headerText(family) + samples.map(line).join('');
}

/** The help is a text of our own, without a line break or a backslash. */
const headerText = ({ name, help, type }: Family): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

/** A budget of nothing is used infinitely, which Prometheus spells in its own way. */
const numberText = (value: number): string => (value === Number.POSITIVE_INFINITY ? '+Inf' : String(value));
