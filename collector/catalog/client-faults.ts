/**
 * What is known to be wrong with the account that a version of Claude Code gives of itself. The ledger books what is reported; these are
 * the reasons why that may be too little or too much. `ledgerline doctor` names them, and the boards mark the day a version came.
 */

export interface ClientFault {
  /** snake_case, stable. */
  readonly code: string;
  /** warning: money is wrong for everybody who uses the version. info: for some, or not money. */
  readonly severity: 'info' | 'warning';
  /** First and last version concerned; without a first, every one up to the last. */
  readonly from?: readonly number[];
  readonly to: readonly number[];
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
    words: 'price Sonnet 4.5 and 4.6 like a more expensive model',
  },
  // Captured: in 2.1.120 and before, not in 2.1.200.
  {
    code: 'client_cache_1h_underpriced',
    severity: 'warning',
    from: [1, 0, 61],
    to: [2, 1, 120],
    words: 'price one-hour cache writes like five-minute ones, which is too low',
  },
  // Change log of 2.1.214.
  {
    code: 'client_stream_counted_twice',
    severity: 'warning',
    to: [2, 1, 213],
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
    words: 'lose the first events of a session, sent before telemetry has started',
  },
  // Change log of 2.1.222.
  {
    code: 'client_mcp_overattributed',
    severity: 'info',
    to: [2, 1, 221],
    words: 'name an MCP server on requests that did not use its result, so that its cost looks too high',
  },
  // Change log of 2.1.239.
  {
    code: 'client_us_surcharge_missing',
    severity: 'info',
    to: [2, 1, 238],
    words: 'leave out the 10 % surcharge for US-only inference',
  },
];

/** The faults of a version such as "2.1.120"; none for one that cannot be read. */
export function clientFaults(version: string): readonly ClientFault[] {
  const parsed = parseVersion(version);
  return parsed === undefined ? [] : CLIENT_FAULTS.filter(({ from, to }) => isAtMost(parsed, to) && (from === undefined || isAtMost(from, parsed)));
}

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
