/** A panel as a table of every row it has: also of one that draws the largest, or the course of a figure. Pure. */
import type { Panel, PanelQuery } from '../../catalog/panel.ts';

function whole(query: PanelQuery): PanelQuery {
  if (query.source === 'self') return query;
  if (query.source === 'gauge') {
    const { top: _, grain: __, ...rows } = query;
    return rows;
  }
  const { top: _, grain: __, summary: ___, ...rows } = query;
  return rows;
}

export const asTable = (panel: Panel): Panel =>
  panel.visualization === 'text' ? panel : { ...panel, visualization: 'table', query: whole(panel.query) };

/** Tables show all that there is, page by page; what is drawn shows the largest. */
export const withAllRows = (panel: Panel): Panel => (panel.visualization === 'table' ? asTable(panel) : panel);
