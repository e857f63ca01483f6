/** What a reader fills in for one record. */
import type { MeasureName } from '../../catalog/measures.ts';
import type { PicoUsd } from '../../core/money.ts';
import type { RequestTokens } from '../../pricing/tokens.ts';
import type { Attributes, AttributeValue } from '../attribution/claims.ts';
import type { Rejection } from '../usage.ts';
import { glimpse } from './attributes.ts';
import type { MutableDimensions } from './dimensions.ts';

export interface Draft {
  cost: PicoUsd | undefined;
  tokens: RequestTokens | undefined;
  /** See Usage. */
  hasLifetimes?: true;
  readonly amounts: Partial<Record<MeasureName, number>>;
  readonly dimensions: MutableDimensions;
}

/** Reads one event's attributes into the draft, or says why the record cannot be booked. */
export type EventReader = (attributes: Attributes, draft: Draft) => Rejection | undefined;

export const rejectCount = (key: string, value: AttributeValue | undefined, max: number): Rejection => ({
  reason: 'invalid_number',
  message: `${key} is "${glimpse(value)}", expected a number in 0…${max}. Nothing of this record was booked.`,
});
