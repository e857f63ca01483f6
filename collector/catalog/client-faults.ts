/**
 * What is known to be wrong with the account that a version of Claude Code gives of itself. The ledger books what is reported; these are
 * the reasons why that may be too little or too much: for flags and explanations, never to correct a figure. `ledgerline doctor` names
 * faults, the boards mark the day a version came, and pricing/explain/ names the cost that one explains.
 */

/** USD per million tokens. */
interface ChargedRates {
  readonly input: string;
  readonly output: string;
  readonly cache_write_5m: string;
  readonly cache_write_1h: string;
  readonly cache_read: string;
}

/** First and last version, both included; without a first, every one up to the last. */
export interface VersionRange {
  readonly from?: readonly number[];
  readonly to?: readonly number[];
}

export interface ClientFault {
  /** snake_case, stable. */
  readonly code: string;
  /** warning: money is wrong for everybody who uses the version. info: for some, or not money. */
  readonly severity: 'info' | 'warning';
  /** First and last version seen to be concerned; without a first, every one up to the last. */
  readonly from?: readonly number[];
  readonly to: readonly number[];
  /** Versions that may be concerned, where those beside the ones seen were not tried. */
  readonly possible?: VersionRange;
  /** First day (UTC) of the first version without it, where that is known. */
  readonly mendedOn?: string;
  /** Models concerned, normalized, and what is charged for their tokens instead of list price. */
  readonly charges?: { readonly models: readonly string[]; readonly rates: ChargedRates };
  /** Continues "these versions …". */
  readonly words: string;
}

/** Seen on the wire where the comment says captured; else from the client's change log. */
export const CLIENT_FAULTS: readonly ClientFault[] = [
  // Captured.
  { code: 'client_cost_doubled', severity: 'warning', to: [1, 0, 60], words: 'double-count input and cache tokens, and their cost' },
  // Captured up to 2.1.59, not in 2.1.120; the change log names 2.1.77.
  {
    code: 'client_fallback_unbilled',
    severity: 'warning',
    to: [2, 1, 76],
    words: 'report no tokens and no cost for requests retried without streaming after an error',
  },
  // Captured: in 2.1.59, neither in 2.0.76 nor in 2.1.120.
  {
    code: 'client_sonnet_overpriced',
    severity: 'warning',
    from: [2, 1, 59],
    to: [2, 1, 59],
    possible: { from: [2, 0, 77], to: [2, 1, 119] },
    charges: {
      models: ['claude-sonnet-4-5', 'claude-sonnet-4-6'],
      // One-hour writes at the rate of five-minute ones.
      rates: { input: '5', output: '25', cache_write_5m: '6.25', cache_write_1h: '6.25', cache_read: '0.50' },
    },
    words: 'price Sonnet 4.5 and 4.6 like a more expensive model',
  },
  // Captured: in 2.1.120 and before, not in 2.1.200.
  {
    code: 'client_cache_1h_underpriced',
    severity: 'warning',
    from: [1, 0, 61],
    to: [2, 1, 120],
    possible: { to: [2, 1, 199] },
    words: 'price one-hour cache writes like five-minute ones, which is too low',
  },
  // anthropics/claude-code#87855, seen on 2026-08-18 and open since; not in the table of 2.1.332.
  {
    code: 'client_sonnet_5_overpriced',
    severity: 'info',
    from: [2, 1, 197],
    to: [2, 1, 239],
    possible: { from: [2, 1, 197], to: [2, 1, 331] },
    charges: {
      models: ['claude-sonnet-5'],
      rates: { input: '3', output: '15', cache_write_5m: '3.75', cache_write_1h: '6', cache_read: '0.30' },
    },
    words: 'price Sonnet 5 at the 3/15 USD that was once announced, instead of 2/10',
  },
  // Change log of 2.1.214.
  {
    code: 'client_stream_counted_twice',
    severity: 'warning',
    to: [2, 1, 213],
    mendedOn: '2026-07-18',
    words: 'double-count some streamed responses, as sent by some gateways',
  },
  // Captured up to 2.1.280, not in 2.1.329.
  {
    code: 'client_interrupted_unbilled',
    severity: 'info',
    from: [2, 0, 76],
    to: [2, 1, 280],
    words: 'do not report interrupted requests',
  },
  // Change log of 2.1.161.
  {
    code: 'client_early_events_lost',
    severity: 'info',
    to: [2, 1, 160],
    mendedOn: '2026-06-02',
    words: 'lose the first events of a session, sent before telemetry has started',
  },
  // Change log of 2.1.222.
  {
    code: 'client_mcp_overattributed',
    severity: 'info',
    to: [2, 1, 221],
    mendedOn: '2026-08-04',
    words: 'name an MCP server on requests that did not use its result, so that its cost looks too high',
  },
  // Change log of 2.1.239.
  {
    code: 'client_us_surcharge_missing',
    severity: 'info',
    to: [2, 1, 238],
    mendedOn: '2026-08-21',
    words: 'leave out the 10 % surcharge for US-only inference',
  },
];

/** How versions report cost that no update mends. Not named as faults: there is nothing to do about them. */
export const CLIENT_TRAITS = {
  /** Captured in 2.1.280 and 2.1.329: an event has the cost of all attempts and the tokens of the last one. */
  retriesIncluded: { from: [2, 1, 280] },
  /** Captured in 2.1.332; advisors may be older. */
  advisorIncluded: { from: [2, 1, 332] },
} as const satisfies Record<string, VersionRange>;

/** Captured up to 2.1.59, not in 2.1.120: an attempt whose stream broke is an event of its own, with tokens and at zero cost. */
const BROKEN_ATTEMPTS: VersionRange = { to: [2, 1, 119] };

/**
 * May tokens at zero cost be an attempt that broke off? Those of later versions are a request that costs nothing, as managed prices may have
 * it (`modelPricing`, from 2.1.242 on). A version that cannot be read may be an old one.
 */
export const mayReportBrokenAttempts = (version: string): boolean => parseVersion(version) === undefined || isWithin(version, BROKEN_ATTEMPTS);

/** The faults of a version such as "2.1.120"; none for one that cannot be read. */
export const clientFaults = (version: string): readonly ClientFault[] => faultsWithin(version, (fault) => fault);

/** Faults that a version has, or may have. */
export const possibleFaults = (version: string): readonly ClientFault[] => faultsWithin(version, (fault) => fault.possible ?? fault);

function faultsWithin(version: string, rangeOf: (fault: ClientFault) => VersionRange): readonly ClientFault[] {
  const parsed = parseVersion(version);
  return parsed === undefined ? [] : CLIENT_FAULTS.filter((fault) => isBetween(parsed, rangeOf(fault)));
}

/** Is it known that a version prices cache writes for an hour at their own rate? */
export const pricesLifetimesApart = (version: string): boolean =>
  parseVersion(version) !== undefined && !possibleFaults(version).some(({ code }) => code === 'client_cache_1h_underpriced');

/** False for a version that cannot be read. */
export function isWithin(version: string, range: VersionRange): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && isBetween(parsed, range);
}

const isBetween = (version: readonly number[], { from, to }: VersionRange): boolean =>
  (to === undefined || isAtMost(version, to)) && (from === undefined || isAtMost(from, version));

function parseVersion(version: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  return match === null ? undefined : match.slice(1).map(Number);
}

function isAtMost(version: readonly number[], limit: readonly number[]): boolean {
  for (const [index, bound] of limit.entries()) {
    const part = version[index] ?? 0;
    if (part !== bound) return part < bound;
  }
  return true;
}
