/** What a declared panel over gauges must show: each gauge's own samples, picked and reduced here, in the words of ledger-figures.ts. */

import type { GaugeName } from '../../collector/catalog/gauges.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import type { Gauge, GaugeContext } from '../../collector/query/gauges/gauge.ts';
import { GAUGE_READERS } from '../../collector/query/gauges/registry.ts';
import type { Figures } from './ledger-figures.ts';

const DAY = 86_400_000;

/** `range` for panels over time: one figure for each day, as it was in the day's last instant or is now. */
export async function gaugeFigures(
  { query, visualization }: Panel,
  context: GaugeContext,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<Figures> {
  if (query.source !== 'gauge') throw new Error('Only panels over gauges are compared here.');
  const by = visualization === 'stat' ? [] : query.by;
  const at = async (name: GaugeName, nowMs: number, more: Record<string, string> = {}): Promise<[string, number][]> => {
    const gauge: Gauge = GAUGE_READERS[name];
    const value = (label: string, labels: readonly string[]) => labels[gauge.labels.indexOf(label)] ?? '';
    const samples = (await gauge.read({ ...context, nowMs }))
      .filter(({ labels }) => !gauge.isOfSelection || ['organization', 'team'].every((label) => (value(label, labels) !== '') === by.includes(label)))
      .filter(({ labels }) => Object.entries({ ...query.where, ...more }).every(([label, wanted]) => value(label, labels) === wanted))
      .filter(({ labels }) =>
        Object.entries(query.whereNot ?? {}).every(([label, unwanted]) => !RegExp(`^(${unwanted})$`).test(value(label, labels))),
      );
    const groups = Map.groupBy(samples, ({ labels }) => by.map((label) => value(label, labels)).join(' · '));
    return [...groups].map(([label, own]) => {
      const values = own.map((sample) => sample.value);
      if (gauge.isOfSelection && values.length > 1) throw new Error(`${name} has several samples of one selection.`);
      const reduced = query.reduce === 'sum' || query.reduce === 'one' ? values.reduce((sum, one) => sum + one, 0) : Math[query.reduce](...values);
      return [label, query.as === 'age' ? nowMs / 1000 - reduced : reduced];
    });
  };
  const largest = (rows: [string, number][]) => rows.sort(([, a], [, b]) => (query.least === true ? a - b : b - a)).slice(0, query.top);
  const named = (name: GaugeName, label: string): string => (query.gauges.length > 1 ? `${name}|${label}` : label);
  const days = Array.from(
    { length: Math.floor(range.toMs / DAY) - Math.floor(range.fromMs / DAY) + 1 },
    (_, day) => (Math.floor(range.fromMs / DAY) + day) * DAY,
  );
  const { each } = query;
  if (each !== undefined && !by.includes(each.label)) {
    const columns = query.gauges.flatMap((name) => each.values.map(([one]) => [name, one] as const));
    const rows = await Promise.all(columns.map(([name, one]) => at(name, context.nowMs, { [each.label]: one })));
    return Object.fromEntries(
      columns.flatMap(([name, one], index) => (rows[index] ?? []).map(([label, value]) => [`${name} ${one}|${label}`, value])),
    );
  }
  const figures: [string, number][] = [];
  for (const name of query.gauges) {
    if (query.grain === undefined) {
      figures.push(...largest(await at(name, context.nowMs)).map(([label, value]): [string, number] => [named(name, label), value]));
      continue;
    }
    for (const startMs of days) {
      const rows = await at(name, Math.min(startMs + DAY - 1, context.nowMs));
      figures.push(...rows.map(([label, value]): [string, number] => [`${named(name, label)}@${startMs / 1000}`, value]));
    }
  }
  return Object.fromEntries(figures);
}
