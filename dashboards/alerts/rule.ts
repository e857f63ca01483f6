/** What an alerting rule is, and the links that each carries. */
import { boardOf, boardUrl, type LinkBases, runbookUrl } from '../../collector/catalog/alert-links.ts';
import type { AlertName } from '../../collector/catalog/alert-names.ts';
import { LABELS } from '../../collector/catalog/names.ts';

export interface AlertRule {
  readonly alert: AlertName;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly AlertRule[];
}

export interface RuleFile {
  readonly groups: readonly RuleGroup[];
}

/** What every alert says beside its own words: the board, the runbook. A board that knows teams opens on the alert's. */
export function linkAnnotations(alert: AlertName, links: LinkBases, hasTeam: boolean): Record<string, string> {
  const address = (team: string): string => boardUrl(boardOf(alert), team, links);
  const team = `$labels.${LABELS.team}`;
  return {
    dashboard_url: hasTeam ? `{{ if ${team} }}${address(`{{ urlquery ${team} }}`)}{{ else }}${address('')}{{ end }}` : address(''),
    runbook_url: runbookUrl(alert, links),
  };
}

export const RANKS = ['1', '2', '3'] as const;
export type Contributor = `contributor_${(typeof RANKS)[number]}`;

/**
 * Figures inside an annotation. Prometheus asks for further series while it writes the text; Grafana has them as further queries of the
 * rule: the same words, each in its own templates.
 */
export interface RuleWords {
  /** The alert's own value. */
  readonly percent: string;
  readonly usd: string;
  readonly duration: string;
  readonly count: string;
  /** Spent and limit, percent, who, which period. */
  readonly budget: string;
  /** Further annotations of a budget's alert, each a line of its own in a message: forecast and date, the largest contributors. Empty where unknown. */
  readonly budgetLines: Readonly<Record<'forecast' | Contributor, string>>;
  /** The numbers behind an anomaly, a sentence; empty where they cannot be asked for. */
  readonly anomaly: string;
  /** How old the data is, a sentence. */
  readonly age: string;
}
