/** Where a figure stands against its panel's thresholds. Color never says it alone. */

import type { Thresholds } from '../../collector/catalog/panel.ts';
import type { Figure } from '../../collector/query/boards/panel-data.ts';
import { element } from './dom.ts';
import { toNumber } from './format.ts';

export type Level = 'good' | 'warning' | 'critical';

/** Undefined where there is no figure or nothing to hold it against. Thresholds that descend mean that less is worse. */
export function levelOf(figure: Figure, thresholds: Thresholds | undefined): Level | undefined {
  if (figure === null || thresholds === undefined) return undefined;
  const [warning, critical] = thresholds;
  const value = toNumber(figure);
  const isReached = (threshold: number): boolean => (critical < warning ? value < threshold : value >= threshold);
  if (isReached(critical)) return 'critical';
  return isReached(warning) ? 'warning' : 'good';
}

/** "At or above 80 %" or "below 70 %": the threshold that a level means. */
export function levelText(level: Level, [warning, critical]: Thresholds, show: (value: number) => string): string {
  if (level === 'good') return 'within the thresholds';
  const threshold = level === 'critical' ? critical : warning;
  return `${level}: ${critical < warning ? 'below' : 'at or above'} ${show(threshold)}`;
}

/** The word for a level that asks for attention. */
export const levelBadge = (level: Level | undefined, title: string): HTMLElement | undefined =>
  level === undefined || level === 'good' ? undefined : element('span', { class: `level is-${level}`, title }, level);
