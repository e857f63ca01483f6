import { openTestLedger } from '../../support/sqlite-ledger.ts';
import { describeBoards } from '../contract/boards-contract.ts';
import { describeLedger } from '../contract/ledger-contract.ts';

describeLedger('node:sqlite', openTestLedger);
describeBoards('node:sqlite', openTestLedger);
