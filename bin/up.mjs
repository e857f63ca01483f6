#!/usr/bin/env node
/** `npm run up`: installs what is missing, then is the collector. Flags of `ledgerline serve` go after "--". */
import { join } from 'node:path';
import { install, PROJECT, SetupError } from './install.mjs';
import { runOnNode26 } from './launcher.mjs';

try {
  await install();
  runOnNode26([join(PROJECT, 'collector/cli/main.ts'), 'serve', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
