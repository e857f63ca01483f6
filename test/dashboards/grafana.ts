/** The parts of Grafana's dashboard model that the tests read, and what Grafana does to an expression before it asks. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { VARIABLES } from '../../collector/catalog/board-variables.ts';

export interface TargetModel {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly interval?: string;
  readonly datasource?: object;
}

export interface PanelModel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: object;
  readonly targets?: readonly TargetModel[];
  readonly fieldConfig?: { readonly defaults?: { readonly unit?: string } };
}

/** Through JSON, since that is what Grafana reads; the SDK's own types leave the targets open. */
export function panelsOf(model: Dashboard | undefined): PanelModel[] {
  return JSON.parse(JSON.stringify(model?.panels ?? []));
}

export interface Interpolation {
  readonly rangeSeconds: number;
  /** End of the chosen range. */
  readonly toMs: number;
  /** What is chosen of each variable; "All" for those not named. */
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

const ALL_VALUE = '.*';

/** What the format `regex` makes of values; "All" it leaves as it is. After packages/scenes/src/variables of grafana/scenes. */
function forRegExp(values: readonly string[]): string {
  const escaped = values.map((value) => value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
  return escaped.length === 1 ? escaped.join() : `(${escaped.join('|')})`;
}

export function interpolate(expr: string, { rangeSeconds, toMs, variables = {} }: Interpolation): string {
  return expr
    .replaceAll('$__range', `${rangeSeconds}s`)
    .replaceAll(`\${__to:date:seconds}`, String(Math.floor(toMs / 1000)))
    .replaceAll(`\${__from:date:seconds}`, String(Math.floor(toMs / 1000) - rangeSeconds))
    .replaceAll(new RegExp(`\\$\\{(${VARIABLES.join('|')}):(?:pipe|raw)\\}`, 'g'), (_, name: string) => variables[name]?.join('|') ?? ALL_VALUE)
    .replaceAll(new RegExp(`\\$\\{(${VARIABLES.join('|')}):regex\\}`, 'g'), (_, name: string) => {
      const chosen = variables[name];
      return chosen === undefined ? ALL_VALUE : forRegExp(chosen);
    });
}
