/** Boards over Prometheus: PromQL over what /metrics exposes. */
import { PRODUCT } from '../../collector/catalog/names.ts';
import type { Board, Panel } from '../../collector/catalog/panel.ts';
import { annotationBuilder } from './annotations.ts';
import type { Drawn, Language } from './language.ts';
import { offeredBy } from './offered.ts';
import { prometheusAsks } from './prometheus-asks.ts';
import { panelTargets } from './promql.ts';
import { ALL_FAMILIES, type Families, type Surroundings } from './surroundings.ts';
import { NotExposed } from './target.ts';
import { datasourceVariable, labelVariable } from './toolbar.ts';
import { TRUST_PANELS } from './trust.ts';
import { showsEach } from './whole-selection.ts';

export interface PrometheusOptions {
  /** Data source that is chosen at first; without it Grafana's default. */
  readonly datasourceUid?: string | undefined;
  /** What /metrics exposes. Panels that only the families as declared could answer say so instead. */
  readonly families?: Families | undefined;
}

export function prometheusLanguage(board: Board, { datasourceUid, families = ALL_FAMILIES }: PrometheusOptions): Language {
  const surroundings = { variables: offeredBy(board, families), single: board.single, families };
  return {
    title: 'Ledgerline',
    prefix: PRODUCT,
    variables: surroundings.variables,
    toolbar: [
      datasourceVariable('prometheus', datasourceUid),
      ...surroundings.variables.map((name) => labelVariable(name, surroundings, name === board.single)),
    ],
    annotate: (annotation) => annotationBuilder(annotation, surroundings),
    draw: (panel) => draw(board, panel, surroundings),
    trust: TRUST_PANELS.map(({ expr, ...panel }) => {
      const { id, title, unit } = panel;
      const target = { expr, labels: [], legend: title, key: id, title, unit };
      return { panel, drawn: { by: [], columns: [target], hasRest: false, asks: prometheusAsks([target], []) } };
    }),
  };
}

const EACH = 'In Grafana, if several organizations or teams are selected, each has a figure of its own.';

function draw(board: Board, panel: Panel, surroundings: Surroundings): Drawn {
  const description = showsEach(panel, surroundings) ? `${panel.description} ${EACH}` : panel.description;
  try {
    const targets = panelTargets(panel, surroundings);
    const by = targets.find(({ isRest }) => isRest !== true)?.labels ?? panel.query.by;
    return { description, by, columns: targets, hasRest: targets.some(({ isRest }) => isRest === true), asks: prometheusAsks(targets, by) };
  } catch (error) {
    if (!(error instanceof NotExposed)) throw error;
    // What no configuration exposes is a mistake of the declaration.
    panelTargets(panel, { variables: board.variables, families: ALL_FAMILIES });
    const why = 'Not shown: /metrics leaves out a label that this panel needs (exposition.without in ledgerline.yaml).';
    return { description: `${description} ${why}`, visualization: 'text', by: [], columns: [], hasRest: false, asks: prometheusAsks([], []) };
  }
}
