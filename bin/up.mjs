#!/usr/bin/env node
/** `npm run up`: installs what is missing, then is the collector. Flags of `ledgerline serve` go after "--". */
import { install, SetupError } from './install.mjs';
import { runLedgerline } from './launcher.mjs';

try {
  await install();
  await runLedgerline(['serve', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
