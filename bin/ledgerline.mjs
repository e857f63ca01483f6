#!/usr/bin/env node
/** The command `ledgerline`. */
import { runLedgerline } from './launcher.mjs';

await runLedgerline(process.argv.slice(2));
