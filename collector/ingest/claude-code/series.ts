/** One data point of a series, as the metrics read it. */
import type { Claims } from '../attribution/claims.ts';
import type { Rejection } from '../usage.ts';
import type { MutableDimensions } from './dimensions.ts';
import type { MetricMeaning } from './metrics.ts';

export interface SeriesReading {
  readonly series: string;
  readonly sessionId: string;
  readonly claims: Claims;
  readonly dimensions: MutableDimensions;
  readonly meaning: MetricMeaning | Rejection;
  readonly unknownAttributes: readonly string[];
}
