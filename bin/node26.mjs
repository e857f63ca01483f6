#!/usr/bin/env node
/** Runs the given script on Node 26. Plain JavaScript that an old Node 20 understands; the rest of the project needs 26. */
import { runOnNode26 } from './launcher.mjs';

await runOnNode26(process.argv.slice(2));
