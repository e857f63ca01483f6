/** What a query answers does not depend on what is moved into the roll-ups already, nor rows on how many come at once. */
import { openTestLedger } from '../../support/postgres-ledger.ts';
import { describeOnPostgres } from './contract-suite.ts';

describeOnPostgres(18, 'moved after each export', (server, limits) => openTestLedger(server, { afterEach: 'fold' }, { ...limits, pageRows: 2 }));
