/**
 * The sources that report the same cost: each has its own figures of a session's usage. They are never added up: of those that report
 * requests the largest sum is booked, of those that report intervals what they have beyond it (ledger/reconciliation.ts).
 * A new source is one entry here: its measure, its column and its place in booking follow.
 */

interface SourceDefinition {
  /** Of what a record reports: one request at an instant, or all of an interval. Requests have the detail, so they are booked first. */
  readonly reports: 'requests' | 'intervals';
  /** Stable for ever: entries on disk refer to it. Never reuse a number. */
  readonly id: number;
  /** Number of the measure `cost_<source>`, see measures.ts: as stable. */
  readonly measureId: number;
  /** Of that measure. */
  readonly description: string;
}

export const SOURCES = {
  events: { reports: 'requests', id: 0, measureId: 2, description: 'Cost as the api_request events report it.' },
  metrics: { reports: 'intervals', id: 1, measureId: 3, description: 'Cost as the claude_code.cost.usage metric reports it.' },
} as const satisfies Record<string, SourceDefinition>;

export type Source = keyof typeof SOURCES;
export const SOURCE_NAMES = Object.keys(SOURCES) as Source[];
export const reportsRequests = (source: Source): boolean => SOURCES[source].reports === 'requests';

/** The measure of a source's own account of the cost. */
export const costBy = <Name extends Source>(source: Name): `cost_${Name}` => `cost_${source}`;
export const SOURCE_COSTS = SOURCE_NAMES.map(costBy);
