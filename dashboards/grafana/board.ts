/** A declared board as Grafana's classic dashboard model, which file provisioning loads in every version. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PRODUCT } from '../../collector/catalog/names.ts';
import type { Board, Panel } from '../../collector/catalog/panel.ts';
import { annotationBuilder } from './annotations.ts';
import type { Drawing } from './drawing.ts';
import { uidOf } from './links.ts';
import { offeredBy } from './offered.ts';
import { buildPanel } from './panel-builder.ts';
import { panelTargets } from './promql.ts';
import { withoutGaps } from './sdk-gaps.ts';
import type { Surroundings } from './surroundings.ts';
import { ALL_FAMILIES, type Families } from './surroundings.ts';
import { NotExposed } from './target.ts';
import { datasourceVariable, labelVariable } from './toolbar.ts';
import { TRUST_PANELS, TRUST_TITLE } from './trust.ts';
import { showsEach } from './whole-selection.ts';

export interface GrafanaOptions {
  /** IANA zone of the ledger, or "utc". Days on the board must begin where the ledger's days begin. */
  readonly timeZone: string;
  readonly weekStart: 'monday' | 'sunday' | 'saturday';
  /** Data source that is chosen at first; without it Grafana's default. */
  readonly datasourceUid?: string | undefined;
  /** What /metrics exposes. Panels that only the families as declared could answer say so instead. */
  readonly families?: Families | undefined;
}

export const boardUid = (board: Pick<Board, 'id'>): string => uidOf(board.id);

interface Row {
  readonly title: string;
  readonly drawings: readonly Drawing[];
}

export function renderGrafana(board: Board, options: GrafanaOptions): dashboard.Dashboard {
  const surroundings = { variables: offeredBy(board, options.families), single: board.single, families: options.families ?? ALL_FAMILIES };
  const builder = new dashboard.DashboardBuilder(`Ledgerline / ${board.title}`)
    .uid(boardUid(board))
    .description(board.description)
    .tags([PRODUCT])
    .timezone(options.timeZone === 'UTC' ? 'utc' : options.timeZone)
    .weekStart(options.weekStart)
    .time({ from: 'now-30d', to: 'now' })
    .refresh('1m')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .editable()
    .link(boardsLink())
    .variables([
      datasourceVariable(options.datasourceUid),
      ...surroundings.variables.map((name) => labelVariable(name, surroundings, name === board.single)),
    ])
    .annotations((board.annotations ?? []).map((annotation) => annotationBuilder(annotation, surroundings.variables)));
  placeRows(builder, [
    ...board.rows.map((row) => ({ title: row.title, drawings: row.panels.map((panel) => drawPanel(board, panel, surroundings)) })),
    { title: TRUST_TITLE, drawings: drawTrust(board, surroundings) },
  ]);
  return withoutGaps(builder.build());
}

/** To every other board, with the selection and the time range. */
const boardsLink = (): dashboard.DashboardLinkBuilder =>
  new dashboard.DashboardLinkBuilder('Ledgerline')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([PRODUCT])
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

const EACH = 'In Grafana, if several organizations or teams are selected, each has a figure of its own.';

function drawPanel(board: Board, panel: Panel, surroundings: Surroundings): Drawing {
  const { title, visualization, unit, width, height, thresholds, empty, query } = panel;
  const description = showsEach(panel, surroundings) ? `${panel.description} ${EACH}` : panel.description;
  const drawing = { title, description, visualization, unit, width, height, thresholds, empty, ...linked(board, surroundings, panel.opens) };
  try {
    const targets = panelTargets(panel, surroundings);
    return { ...drawing, by: targets.find(({ isRest }) => isRest !== true)?.labels ?? query.by, targets };
  } catch (error) {
    if (!(error instanceof NotExposed)) throw error;
    // What no configuration exposes is a mistake of the declaration.
    panelTargets(panel, { variables: board.variables, families: ALL_FAMILIES });
    const why = 'Not shown: /metrics leaves out a label that this panel needs (exposition.without in ledgerline.yaml).';
    return { ...drawing, by: [], targets: [], visualization: 'text', description: `${description} ${why}` };
  }
}

const linked = (board: Board, { variables }: Surroundings, opens = board.id): Pick<Drawing, 'own' | 'opens' | 'variables'> => ({
  own: board.id,
  opens,
  variables,
});

function drawTrust(board: Board, surroundings: Surroundings): Drawing[] {
  return TRUST_PANELS.map(({ expr, id, title, description, unit, thresholds, empty }) => {
    const target = { expr, labels: [], legend: title, key: id, title, unit };
    const place = { width: 8, height: 4, ...linked(board, surroundings) };
    return { title, description, unit, thresholds, empty, visualization: 'stat', by: [], targets: [target], ...place };
  });
}
