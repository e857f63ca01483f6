/** Budgets on a track from nothing to the whole amount, with a step of color at each threshold. */
import type { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Drawing } from '../drawing.ts';
import { barsBuilder } from './single.ts';

export const budgetsBuilder = (drawing: Drawing): BarGaugeBuilder => barsBuilder(drawing).min(0).max(1).showUnfilled(true);
