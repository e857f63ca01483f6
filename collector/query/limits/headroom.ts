/** Configured limits beside what was measured. Pure. */
import type { Config } from '../../config/config.ts';
import type { Measured, Rate, RateName } from './measured.ts';

export const LIMITS = ['tokens_per_minute', 'input_tokens_per_minute', 'output_tokens_per_minute', 'requests_per_minute'] as const;
export type LimitName = (typeof LIMITS)[number];

const RATE_OF: Readonly<Record<LimitName, RateName>> = {
  tokens_per_minute: 'tokens',
  input_tokens_per_minute: 'input_tokens',
  output_tokens_per_minute: 'output_tokens',
  requests_per_minute: 'requests',
};

export interface Headroom {
  readonly limit: LimitName;
  readonly perMinute: number;
  /** Undefined where it was not measured. */
  readonly rate: Rate | undefined;
  /** Users whom the limit is enough for, each asking as much as today: the 99th percentile divided by their number. */
  readonly usersSupported: number | undefined;
}

/** Of each limit that is configured. */
export function headroomOf(limits: Config['rate_limits'], measured: Measured | undefined): Headroom[] {
  return LIMITS.flatMap((limit) => {
    const perMinute = limits[limit];
    if (perMinute === undefined) return [];
    const rate = measured?.rates.get(RATE_OF[limit]);
    const users = measured?.users;
    const isKnown = rate !== undefined && rate.p99 > 0 && users !== undefined && users > 0;
    return [{ limit, perMinute, rate, usersSupported: isKnown ? Math.floor((perMinute * users) / rate.p99) : undefined }];
  });
}
