/** How far the past of the demo's made-up organization is in the ledger. */
export interface DemoProgress {
  readonly daysSent: number;
  readonly days: number;
}
