#!/usr/bin/env node
/** `npm run check`: what needs no server and takes seconds; run it before each commit. */
import { generated, lint, packages, runSteps, tests, types } from './steps.mjs';

await runSteps([packages, types, lint, generated, tests('tidiness and documents', ['test/tidy.test.ts', 'test/words.test.ts', 'test/docs.test.ts'])]);
