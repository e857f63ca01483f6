/** What one replica at a time does for all: the name of its lease, and what it is. */
export const LEASES = {
  fold: 'adding up roll-ups',
  retention: 'removing what is older than the retention',
  alerts: 'alerts and digests',
  exports: 'scheduled exports',
  imports: 'scheduled imports',
  exposition: "the ledger's series on /metrics",
  repricing: 'a repricing',
} as const satisfies Readonly<Record<string, string>>;

export type LeaseName = keyof typeof LEASES;
