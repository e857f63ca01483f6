/** A declared board as Grafana's classic dashboard model, which file provisioning loads in every version. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { Board, Panel } from '../../collector/catalog/panel.ts';
import type { Drawing } from './drawing.ts';
import type { Drawn, Language } from './language.ts';
import { uidOf } from './links.ts';
import { buildPanel } from './panel-builder.ts';
import { type PrometheusOptions, prometheusLanguage } from './prometheus-language.ts';
import { withoutGaps } from './sdk-gaps.ts';
import { SQL_PREFIX, sqlLanguage } from './sql/language.ts';
import { TRUST_TITLE } from './trust.ts';

export type Datasource = 'prometheus' | 'postgres';
export const DATASOURCES: readonly Datasource[] = ['prometheus', 'postgres'];

export interface GrafanaOptions extends PrometheusOptions {
  /** IANA zone of the ledger, or "utc". Days on the board must begin where the ledger's days begin. */
  readonly timeZone: string;
  readonly weekStart: 'monday' | 'sunday' | 'saturday';
  /** Default: prometheus. */
  readonly datasource?: Datasource | undefined;
}

export const uidFor = ({ id }: Pick<Board, 'id'>, datasource: Datasource): string => (datasource === 'postgres' ? uidOf(id, SQL_PREFIX) : uidOf(id));

interface Row {
  readonly title: string;
  readonly drawings: readonly Drawing[];
}

export function renderGrafana(board: Board, options: GrafanaOptions): dashboard.Dashboard {
  const language = options.datasource === 'postgres' ? sqlLanguage(board, options) : prometheusLanguage(board, options);
  const builder = new dashboard.DashboardBuilder(`${language.title} / ${board.title}`)
    .uid(uidFor(board, options.datasource ?? 'prometheus'))
    .description(board.description)
    .tags([language.prefix])
    .timezone(options.timeZone === 'UTC' ? 'utc' : options.timeZone)
    .weekStart(options.weekStart)
    .time({ from: 'now-30d', to: 'now' })
    .refresh('1m')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .editable()
    .link(boardsLink(language))
    .variables([...language.toolbar])
    .annotations((board.annotations ?? []).map(language.annotate));
  placeRows(builder, [
    ...board.rows.map((row) => ({ title: row.title, drawings: row.panels.map((panel) => drawingOf(board, panel, language)) })),
    { title: TRUST_TITLE, drawings: drawTrust(board, language) },
  ]);
  return withoutGaps(builder.build());
}

/** To every other board, with the selection and the time range. */
const boardsLink = ({ title, prefix }: Language): dashboard.DashboardLinkBuilder =>
  new dashboard.DashboardLinkBuilder(title)
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([prefix])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);

function placeRows(builder: dashboard.DashboardBuilder, rows: readonly Row[]): void {
  let id = 1;
  let y = 0;
  for (const { title, drawings } of rows) {
    builder.withRow(new dashboard.RowBuilder(title).id(id++).gridPos({ x: 0, y, w: 24, h: 1 }));
    y += 1;
    let x = 0;
    for (const drawing of drawings) {
      builder.withPanel(buildPanel(drawing, { id: id++, x, y }));
      x += drawing.width;
    }
    y += Math.max(...drawings.map(({ height }) => height));
  }
}

function drawingOf(board: Board, panel: Panel, language: Language): Drawing {
  const { title, description, visualization, unit, width, height, thresholds, empty } = panel;
  const shown = { title, description, visualization, unit, width, height, thresholds, empty };
  return { ...shown, ...linked(board, language, panel.opens), ...language.draw(panel) };
}

const linked = (board: Board, { variables, prefix }: Language, opens = board.id): Pick<Drawing, 'own' | 'opens' | 'variables' | 'prefix'> => ({
  own: board.id,
  opens,
  variables,
  prefix,
});

function drawTrust(board: Board, language: Language): Drawing[] {
  const place = { width: 8, height: 4, visualization: 'stat' as const, ...linked(board, language) };
  return language.trust.map(({ panel: { title, description, unit, thresholds, empty }, drawn }): Drawing => {
    const shown: Drawn = drawn;
    return { title, description, unit, thresholds, empty, ...place, ...shown };
  });
}
