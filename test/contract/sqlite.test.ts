import { openTestLedger } from '../support/sqlite-ledger.ts';
import { describeLedger } from './ledger-contract.ts';

describeLedger('node:sqlite', openTestLedger);
