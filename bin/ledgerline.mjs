#!/usr/bin/env node
/** The command `ledgerline`. */
import { join } from 'node:path';
import { runOnNode26 } from './launcher.mjs';

runOnNode26([join(import.meta.dirname, '../collector/cli/main.ts'), ...process.argv.slice(2)]);
