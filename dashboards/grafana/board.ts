/** A declared board as Grafana's classic dashboard model, which file provisioning loads in every version. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { DimensionName } from '../../collector/measures.ts';
import { PRODUCT, SERIES } from '../../collector/names.ts';
import type { Board, Panel } from '../panel.ts';
import { buildPanel, DATASOURCE, type Drawing } from './panel-builder.ts';
import { panelTargets, VARIABLES } from './promql.ts';
import { TRUST_PANELS, TRUST_TITLE, type TrustPanel } from './trust.ts';

export interface GrafanaOptions {
  /** IANA zone of the ledger, or "utc". Days on the board must begin where the ledger's days begin. */
  readonly timeZone: string;
  readonly weekStart: 'monday' | 'sunday' | 'saturday';
}

export const boardUid = (board: Board): string => `${PRODUCT}-${board.id}`;

/** Shares from here on are yellow, then red: a tenth without an owner is worth mending, a third is no basis for a decision. */
const ABSENT_SHARE_THRESHOLDS = [0.1, 0.33] as const;

interface Row {
  readonly title: string;
  readonly drawings: readonly Drawing[];
}

export function renderGrafana(board: Board, options: GrafanaOptions): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(`Ledgerline / ${board.title}`)
    .uid(boardUid(board))
    .description(board.description)
    .tags([PRODUCT])
    .timezone(options.timeZone === 'UTC' ? 'utc' : options.timeZone)
    .weekStart(options.weekStart)
    .time({ from: 'now-30d', to: 'now' })
    .refresh('1m')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new dashboard.DashboardLinkBuilder('Ledgerline')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([PRODUCT])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .variables([datasourceVariable(), ...VARIABLES.map(labelVariable)]);
  placeRows(builder, [
    ...board.rows.map((row) => ({ title: row.title, drawings: row.panels.map((panel) => drawPanel(board, panel)) })),
    { title: TRUST_TITLE, drawings: TRUST_PANELS.map(drawTrust) },
  ]);
  return builder.build();
}

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

function drawPanel(board: Board, panel: Panel): Drawing {
  const { title, description, visualisation, width, height, query } = panel;
  const isShare = query.figure === 'absent_share';
  const isDistinct = query.figure === 'distinct';
  const link = visualisation === 'stat' ? undefined : narrowingLink(board, query.by);
  return {
    title,
    description,
    visualisation,
    unit: isShare ? 'ratio' : isDistinct ? 'count' : panel.unit,
    targets: panelTargets(panel),
    width,
    height,
    ...(isShare && { thresholds: ABSENT_SHARE_THRESHOLDS }),
    ...(link && { link }),
  };
}

function drawTrust({ target, ...panel }: TrustPanel): Drawing {
  return { ...panel, targets: [target] };
}

const isVariable = (name: DimensionName | undefined): boolean => VARIABLES.some((variable) => variable === name);

function narrowingLink(board: Board, by: readonly DimensionName[]): Drawing['link'] {
  const name = by[0];
  if (by.length !== 1 || !isVariable(name)) return undefined;
  return { title: `Only this ${name}`, url: `/d/${boardUid(board)}?var-${name}=\${__field.labels.${name}}&\${__url_time_range}` };
}

function datasourceVariable(): dashboard.DatasourceVariableBuilder {
  return new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

/** "All" is a pattern, not a list of every user there is. */
function labelVariable(name: (typeof VARIABLES)[number]): dashboard.QueryVariableBuilder {
  const definition = `label_values(${SERIES.cost}, ${name})`;
  return new dashboard.QueryVariableBuilder(name)
    .label(`${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    .datasource(DATASOURCE)
    .query({ query: definition, refId: name })
    .definition(definition)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .sort(dashboard.VariableSort.AlphabeticalCaseInsensitiveAsc)
    .refresh(dashboard.VariableRefresh.OnDashboardLoad);
}
