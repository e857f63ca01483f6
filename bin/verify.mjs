#!/usr/bin/env node
/** `npm run verify`: installs what is missing, then runs every check and every test. The last line counts them. */
import { backends, generated, lint, packages, runSteps, tests, types } from './steps.mjs';

await runSteps([packages, backends, types, lint, generated, tests('tests (jest)', [])]);
