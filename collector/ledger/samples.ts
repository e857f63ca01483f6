/**
 * Figures at an instant, kept beside a shared ledger for those who read it by SQL: what the collector computes that is no sum (gauges), and the
 * series of each replica itself.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SampleStore {
  /** Of the ledger: those before are replaced. */
  replaceGauges(samples: readonly Sample[], atMs: number): Promise<void>;
  /** What gauges that have a past were at the end of the day that begins then. */
  replaceDay(startMs: number, samples: readonly Sample[]): Promise<void>;
  /** Of this replica: those before are replaced. */
  replaceOwn(samples: readonly Sample[], atMs: number): Promise<void>;
  /** Takes back what is of this replica. */
  close(): Promise<void>;
}
