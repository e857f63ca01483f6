/** As in a database of many shards. */
import { openTestLedger } from '../../support/postgres-ledger.ts';
import { describeOnPostgres } from './contract-suite.ts';

describeOnPostgres(15, 'as it is written, in four shards', (server, limits) => openTestLedger(server, { slots: 4 }, limits));
