/** What a query answers does not depend on where it pauses, nor rows on how many are read at once. */
import { openTestLedger } from '../../support/sqlite-ledger.ts';
import { describeLedger } from '../contract/ledger-contract.ts';

describeLedger('node:sqlite, a row at a time', (limits) =>
  openTestLedger({}, { ...limits, pace: { stepRows: 1, turnMs: 0, rowsAtOnce: 3, pageRows: 2 } }),
);
