/** Mistakes in the section `guard`, and what is said of each: see load.test.ts. */
export const GUARD_MISTAKES: readonly (readonly [string, ...string[]])[] = [
  [
    'guard-key-of-elsewhere.yaml',
    ':3:5 guard.session.costThreshold: unknown key; did you mean "warn_usd"?',
    ':4:5 guard.session.autoStopAtBudget: unknown key; did you mean "stop_usd"?',
    ':7:18 guard.teams[0].session.hardLimit: unknown key; did you mean "stop_usd"?',
  ],
  [
    'guard-values.yaml',
    ':2:24 guard.session.stop_usd: must be text, not the number 5; put it in quotes',
    ':2:42 guard.session.runaway_share: must be a number above 0 and at most 1, not 25',
    ':5:30 guard.teams[1].contact: must not be empty',
    ':5:15 guard.teams[1].team: must be unique among the teams, not "data"',
  ],
];
