import { openTestLedger } from '../../support/sqlite-ledger.ts';
import { describeWriter } from '../contract/writer-contract.ts';

describeWriter('node:sqlite', openTestLedger);
