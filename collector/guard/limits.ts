/** The limits of one session and whom to ask, as a team has them: its own entry of the configuration, else what holds for all. */
import type { Config } from '../config/config.ts';
import { parseUsd } from '../core/money.ts';
import type { SessionLimits } from './decide.ts';

export interface TeamGuard {
  readonly limits: SessionLimits;
  readonly contact: string | undefined;
}

const amountOf = (usd: string | undefined) => (usd === undefined ? undefined : parseUsd(usd));

/** `team` as shown; undefined: not known. */
export function teamGuard({ guard }: Pick<Config, 'guard'>, team: string | undefined): TeamGuard {
  const own = guard.teams.find((entry) => entry.team === team);
  const all = guard.session;
  const { warn_usd = all.warn_usd, stop_usd = all.stop_usd, runaway_minutes, runaway_share } = own?.session ?? {};
  return {
    contact: own?.contact ?? guard.contact,
    limits: {
      warn: amountOf(warn_usd),
      stop: amountOf(stop_usd),
      runawayMinutes: runaway_minutes ?? all.runaway_minutes,
      runawayShare: runaway_share ?? all.runaway_share,
      coldCacheWarn: parseUsd(guard.cold_cache_warn_usd) ?? 0n,
      coldCacheStop: amountOf(guard.cold_cache_stop_usd),
    },
  };
}
