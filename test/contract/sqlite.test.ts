import { openTestLedger } from '../support/sqlite-ledger.ts';
import { describeBoards } from './boards-contract.ts';
import { describeLedger } from './ledger-contract.ts';

describeLedger('node:sqlite', openTestLedger);
describeBoards('node:sqlite', openTestLedger);
