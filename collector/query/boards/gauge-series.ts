/** A gauge over time: as it was at the end of each day, or is now. */

import { GAUGES } from '../../catalog/gauges.ts';
import type { GaugeQuery } from '../../catalog/panel.ts';
import type { BoardAnswers } from './board-answers.ts';
import { gaugeTitle, labelTitle, reduced, unitOf } from './gauge-rows.ts';
import type { SeriesData } from './panel-data.ts';
import { gaugeDays } from './plan.ts';
import { byValue, compareLabels, labelOf } from './rows.ts';
import { draw, type Line, SERIES_MAX } from './series.ts';

export function gaugeSeries(query: GaugeQuery, answers: BoardAnswers): SeriesData {
  const instants = gaugeDays(answers.asked);
  const [first] = query.gauges;
  const lines = query.gauges.flatMap((name) => {
    if (!('isHistoric' in GAUGES[name])) return [];
    const days = instants.map(({ atMs }) => reduced(query, name, answers, atMs));
    const keys = new Map(days.flatMap((day) => [...day].map(([key, { labels }]) => [key, labels] as const)));
    return [...keys].map(([key, labels]): Line => {
      const values = days.map((day) => day.get(key)?.value ?? null);
      const named = query.gauges.length > 1 || labels.length === 0 ? [...labels, gaugeTitle(name)] : labels;
      return { labels: named, values, total: values.at(-1) ?? null };
    });
  });
  const unit = first === undefined ? 'count' : unitOf(query, first);
  const columns = query.by.map((name) => ({ key: name, title: labelTitle(name) }));
  const series = lines.sort((a, b) => byValue(a.total, b.total) || compareLabels(a.labels, b.labels)).slice(0, query.top ?? SERIES_MAX);
  return {
    unit,
    grain: 'day',
    starts: instants.map(({ startMs }) => startMs / 1000),
    series: series.map((line) => ({ ...draw(line, unit, null), ...labelOf(line, columns) })),
    total: null,
  };
}
