/** Families of the text format: HELP and TYPE once, then every sample of that name. */

import { labelText } from './label-text.ts';

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
}

export const gauge = (name: string, help: string): Family => ({ name, help, type: 'gauge' });

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
export const headerText = ({ name, help, type }: Family): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

/** A budget of nothing is used infinitely, which Prometheus spells in its own way. */
const numberText = (value: number): string => (value === Number.POSITIVE_INFINITY ? '+Inf' : String(value));
