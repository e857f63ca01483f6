/** What each series of the collector says about itself. */
import type { SELF_SERIES } from '../catalog/names.ts';

export const SELF_HELP: Readonly<Record<keyof typeof SELF_SERIES, string>> = {
  receivedRequests: 'Export requests answered.',
  acceptedRecords: 'Log records, data points and spans accepted.',
  rejectedRecords: 'Records refused by partial success, by reason.',
  ignoredRecords: 'Records accepted but not booked, by name.',
  refusedRequests: 'Export requests refused as a whole, by outcome.',
  refusals: 'Exports, records and connections that were refused, ignored or corrected, by kind as `ledgerline doctor` names it.',
  unknownAttributes: 'Attributes that no known client version sends, by name.',
  correctedTimes: 'Records with a missing or unbelievable time, which was replaced, by signal.',
  limitsHit: 'How often each limit was hit.',
  requestDuration: 'Time from the first byte to the response.',
  ledgerAppended: 'Entries appended.',
  ledgerDuplicates: 'Entries received again, without effect.',
  ledgerConflicts: 'Entries with a known identity but different content, not in the totals.',
  ledgerExpired: 'Entries older than the retention, not booked.',
  commitDuration: 'Time from queueing an export until it is durable.',
  pendingExports: 'Exports waiting for the ledger.',
  replicaInfo: 'Always 1; the labels are what this replica does (role) and its version.',
  standbyBehind: 'How far the standby that boards read (storage.read_url) is behind the ledger; missing while it does not answer.',
};
