/** With this record `ledgerline connect --check` proves that exports arrive. It is counted under this name, and books nothing. */
export const PROBE = 'ledgerline.probe';
/** Attribute of the record: what the answer repeats. */
export const PROBE_ID = 'ledgerline.probe.id';
