/** A panel's rows from the collector's own series, as they are on /metrics: counted since the collector started. */

import type { SelfQuery } from '../../catalog/panel.ts';
import { framedKey } from '../../core/framed.ts';
import type { BoardAnswers } from './board-answers.ts';
import { labelTitle } from './gauge-rows.ts';
import type { PanelUnit } from './panel-data.ts';
import { inOrder, type PanelRow, type PanelRows } from './rows.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:\\.|[^"\\])*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n' };

/** The samples of an exposition in Prometheus' text format; what is no sample is passed over. */
export function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line): Sample[] => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', quoted = '']) => [
      key,
      quoted.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter),
    ]);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value.replace('+Inf', 'Infinity')) }];
  });
}

const SUFFIX = { counter: '_total', gauge: '', p99: '_bucket' } as const;

export function selfRows(query: SelfQuery, unit: PanelUnit, title: string, answers: BoardAnswers): PanelRows {
  const { series, kind, by, where = {} } = query;
  const name = series.endsWith(SUFFIX[kind]) ? series : `${series}${SUFFIX[kind]}`;
  const samples = parseSamples(answers.selfText).filter(
    (sample) => sample.name === name && Object.entries(where).every(([label, value]) => sample.labels[label] === value),
  );
  const labelsOf = (sample: Sample): string[] => by.map((label) => sample.labels[label] ?? '');
  const groups = Map.groupBy(samples, (sample) => framedKey(labelsOf(sample)));
  const rows = [...groups.values()].map((own): PanelRow => {
    const [first] = own;
    return { labels: first === undefined ? [] : labelsOf(first), values: [kind === 'p99' ? quantile(0.99, own) : total(own)] };
  });
  return {
    labels: by.map((label) => ({ key: label, title: labelTitle(label) })),
    figures: [{ key: series, title, unit, isSum: kind === 'counter' }],
    rows: rows.sort(inOrder),
    totals: [kind === 'counter' && samples.length > 0 ? total(samples) : null],
  };
}

const total = (samples: readonly Sample[]): number => samples.reduce((sum, { value }) => sum + value, 0);

/** As histogram_quantile has it, over everything observed since the start. Null before the first observation. */
function quantile(share: number, buckets: readonly Sample[]): number | null {
  const counts = Map.groupBy(buckets, ({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
  const upTo = [...counts].map(([bound, own]) => [bound, total(own)] as const).sort(([a], [b]) => a - b);
  const all = upTo.at(-1)?.[1] ?? 0;
  if (all === 0) return null;
  const rank = share * all;
  let [below, from] = [0, 0];
  for (const [bound, count] of upTo) {
    if (count >= rank) return Number.isFinite(bound) ? from + (bound - from) * ((rank - below) / (count - below)) : from;
    [below, from] = [count, bound];
  }
  return from;
}
