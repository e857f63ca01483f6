/** What Grafana would show of a panel, asked of a real store; and what the built-in page shows; both in the words of ledger-figures.ts. */

import { figureWords } from '../../collector/catalog/figure-titles.ts';
import type { Panel } from '../../collector/catalog/panel.ts';
import type { PanelData } from '../../collector/query/boards/panel-data.ts';
import { BOARDS } from '../../dashboards/boards/index.ts';
import { panelTargets } from '../../dashboards/grafana/promql.ts';
import { SECONDS } from '../../dashboards/grafana/readings.ts';
import { ALL_FAMILIES } from '../../dashboards/grafana/surroundings.ts';
import { REST, type Target } from '../../dashboards/grafana/target.ts';
import { interpolate } from './grafana.ts';
import type { Figures } from './ledger-figures.ts';
import { queryInstant, queryRange, type Series } from './prometheus-api.ts';

const DAY = 86_400_000;

export interface Picked {
  /** Of the store that has the series. */
  readonly url: string;
  /** Id of the board that the panel is on. */
  readonly board: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** What is chosen of the board's variables; All for those not named. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

export const joined = (labels: readonly string[]): string =>
  labels.length > 0 && labels.every((label) => label === REST) ? REST : labels.join(' · ');

const isStat = ({ visualization }: Panel): boolean => visualization === 'stat';

/** Does a figure need its name before the label, see Figures? */
export function isNamed({ query }: Panel): boolean {
  if (query.source === 'ledger') return query.figures.length > 1 || query.versus !== undefined;
  return query.source === 'gauge' && (query.gauges.length > 1 || (query.each !== undefined && !query.by.includes(query.each.label)));
}

/** Rows of figures of the ledger: of a comparison, what is not there any more is a row, too. */
export const isLedgerTable = ({ query, visualization }: Panel): boolean =>
  visualization === 'table' && query.source === 'ledger' && query.by.length > 0 && query.versus === undefined;

/** What is chosen of a gauge of a selection has a figure each, by the name of its owner; all together has none. */
const ownersOf = ({ query }: Panel): readonly string[] =>
  query.source === 'gauge' && query.reduce === 'one' && !query.by.includes('team') ? ['organization', 'team'] : [];

/** As the board has them where nothing is left out of /metrics. Compared with the ledger is also All of what has one value: as for a board that offers it. */
function targetsOn({ board: boardId, variables = {} }: Picked, panel: Panel): readonly Target[] {
  const board = BOARDS.find(({ id }) => id === boardId);
  if (board === undefined) throw new Error(`There is no board ${boardId}.`);
  const single = board.single !== undefined && board.single in variables ? board.single : undefined;
  return panelTargets(panel, { variables: board.variables, single, families: ALL_FAMILIES });
}

export async function grafanaShows(panel: Panel, picked: Picked, targets = targetsOn(picked, panel)): Promise<Figures> {
  if (panel.visualization === 'cumulative') return cumulativeShown(targets, picked);
  const answers = await Promise.all(targets.map(async (target) => ({ target, series: await ask(target, picked) })));
  const figures = answers.flatMap(({ target, series }) =>
    series.flatMap(({ metric, values }) => {
      const labels = target.isRest === true ? [REST] : isStat(panel) ? [] : target.labels.map((name) => metric[name] ?? '');
      labels.unshift(...ownersOf(panel).flatMap((name) => metric[name] ?? []));
      const label = target.step !== undefined && isCounted(panel) ? '' : joined(labels);
      return values.map(([time, value]): [string, number] => {
        const at = target.step === undefined ? '' : `@${time}`;
        return [`${isNamed(panel) ? `${target.key}|` : ''}${label}${at}`, value / (target.factor ?? 1)];
      });
    }),
  );
  const keys = figures.map(([key]) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw new Error(`Panel ${panel.id} shows ${twice} twice.`);
  return Object.fromEntries(figures);
}

/** Hours between two scrapes are not compared: what a store draws there differs, and the ledger's points are days. */
async function cumulativeShown(targets: readonly Target[], picked: Picked): Promise<Figures> {
  const answers = await Promise.all(targets.map(async ({ key, ...target }) => ({ key, series: await ask({ key, ...target }, picked) })));
  const points = answers.flatMap(({ key, series }) => series.flatMap(({ values }) => values.map(([time, value]) => [key, time, value] as const)));
  const isCompared = (time: number): boolean => time % (DAY / 1000) === 0 || time === picked.toMs / 1000;
  return Object.fromEntries(points.filter(([, time]) => isCompared(time)).map(([key, time, value]) => [`${key}@${time}`, value]));
}

const isCounted = ({ query }: Panel): boolean => query.source === 'ledger' && query.summary !== undefined;

function ask(target: Target, { url, fromMs, toMs, variables = {} }: Picked): Promise<Series[]> {
  const query = interpolate(target.expr, { rangeSeconds: (toMs - fromMs) / 1000, toMs, variables });
  if (target.step === undefined) return queryInstant(url, query, toMs);
  // Grafana moves both ends of a range back to whole steps. VictoriaMetrics does not look into a day of which only the first instant is asked.
  const stepMs = SECONDS[target.step] * 1000;
  const whole = (ms: number) => Math.floor(ms / stepMs) * stepMs;
  return queryRange(url, query, { startMs: whole(fromMs), endMs: whole(toMs) + 1, stepSeconds: stepMs / 1000 });
}

/** Without the amounts' last digits: money is in USD, everything else as it is. */
export function pageShows(panel: Panel, { stat, bars, series, table, heatmap, cumulative, budgets }: PanelData): Figures {
  const figures: [string, unknown][] = [];
  const isOfFigures = panel.query.by.length === 0;
  const names = panel.query.source === 'ledger' ? panel.query.figures : [];
  const keyOf = (name: string | undefined, label: string): string => (isNamed(panel) ? `${name}|${label}` : label);
  if (stat !== undefined) figures.push(['', stat.value]);
  for (const [index, bar] of (bars?.rows ?? []).entries())
    figures.push([
      isOfFigures ? keyOf(names.find((known) => figureWords(known) === bar.label) ?? names[index], '') : keyOf(names[0], bar.label),
      bar.value,
    ]);
  for (const line of series?.series ?? []) {
    const name = names.find((known) => figureWords(known) === line.label) ?? names[0];
    const label = isOfFigures || isCounted(panel) ? '' : line.label;
    for (const [at, value] of line.values.entries()) figures.push([`${keyOf(name, label)}@${series?.starts[at]}`, value]);
  }
  const labels = table?.columns.filter(({ unit }) => unit === 'label').length ?? 0;
  for (const row of table?.rows ?? []) {
    const label = row.rest === undefined ? row.cells.slice(0, labels).join(' · ') : REST;
    for (const [index, { key }] of (table?.columns ?? []).entries()) {
      if (index >= labels) figures.push([keyOf(columnName(panel, key), label), row.cells[index]]);
    }
  }
  for (const [down, values] of (heatmap?.values ?? []).entries()) {
    for (const [across, value] of values.entries()) figures.push([`${heatmap?.rows[down]} · ${heatmap?.columns[across]}`, value]);
  }
  for (const bar of budgets?.bars ?? []) figures.push([bar.budget, bar.used]);
  for (const [index, at] of (cumulative?.at ?? []).entries())
    figures.push([`spent@${at}`, cumulative?.amounts[index] ?? null], [`previous@${at}`, cumulative?.previous[index] ?? null]);
  return Object.fromEntries(figures.filter(([, value]) => value !== null).map(([label, value]) => [label, Number(value)]));
}

const columnName = ({ query }: Panel, key: string): string => {
  const versus = query.source === 'ledger' ? query.versus : undefined;
  return versus === undefined ? key : key.replace(/_versus$/, ` ${versus}`).replace(/_change$/, ' change');
};
