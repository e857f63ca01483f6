import { openTestLedger } from '../../support/sqlite-ledger.ts';
import { describeLedger } from '../contract/ledger-contract.ts';

describeLedger('node:sqlite', (limits) => openTestLedger({}, limits));
