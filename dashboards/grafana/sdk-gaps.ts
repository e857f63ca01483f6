/**
 * Where the SDK's model is not the one that Grafana has: it writes defaults that mean something else, and lacks what is newer than it.
 * test/dashboards/grafana-types.test.ts finds such places.
 */
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { z } from 'zod';

/** Options are untyped in the SDK. */
const paged = z.object({ footer: z.object({ enablePagination: z.literal(true) }) });

export const withoutGaps = (model: dashboard.Dashboard): dashboard.Dashboard => ({
  ...model,
  ...(model.panels !== undefined && { panels: model.panels.map((panel) => ('options' in panel ? withPages(panel) : panel)) }),
  ...(model.templating?.list !== undefined && { templating: { list: model.templating.list.map(withoutInterval) } }),
  ...(model.links !== undefined && { links: model.links.map(inSight) }),
  annotations: { list: (model.annotations?.list ?? []).map(inSight) },
});

/** Grafana 12.2 and later read it here, earlier ones in the footer. */
const withPages = (panel: dashboard.Panel): dashboard.Panel =>
  paged.safeParse(panel.options).success ? { ...panel, options: { ...panel.options, enablePagination: true } } : panel;

/** Only variables of the kind interval have these. */
const withoutInterval = ({ auto: _, auto_min: _min, auto_count: _count, ...variable }: dashboard.VariableModel): dashboard.VariableModel => variable;

/** The SDK moves links and annotations into a menu of their own. They belong above the panels, where Grafana puts them by itself. */
const inSight = <Placed extends { placement?: unknown }>({ placement: _, ...placed }: Placed): Omit<Placed, 'placement'> => placed;
