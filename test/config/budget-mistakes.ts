/** One small file of testdata/ for each mistake in the section `budgets`, and the whole of what is said about it. */
export const BUDGET_MISTAKES: readonly (readonly [string, ...string[]])[] = [
  ['budget-amounts-other-unit.yaml', ':4:35 budgets[0].amounts[0].tokens: the budget is in money; write amount_usd: "500.00"'],
  ['budget-amounts-same-day.yaml', ':6:17 budgets[0].amounts[1].from: 2027-01-01 is already the day of amounts[0]; leave one out'],
  [
    'budget-key-of-elsewhere.yaml',
    ':4:5 budgets[0].autoStopAtBudget: unknown key; did you mean "hard_limit"?',
    ':5:5 budgets[0].costThreshold: unknown key; did you mean "session_warning_usd"?',
  ],
  ['budget-member-twice.yaml', ':6:17 budgets[0].members[1].user: "ada@example.com" is already members[0]; add up what both have'],
  ['budget-member-without-amount.yaml', ':5:9 budgets[0].members[0].amount_usd: missing; add it, such as amount_usd: "500.00"'],
  [
    'budget-members-and-per.yaml',
    ':4:5 budgets[0].per: members is also given; give every member the same amount (per), or each its own part (members)',
  ],
  [
    'budget-members-too-much-later.yaml',
    ':6:7 budgets[0].members: they are 350.00 USD together, 50.00 USD more than the 300.00 USD of the budget that holds from 2027-01-01; lower them, or raise the amount',
  ],
  [
    'budget-members-too-much.yaml',
    ':6:7 budgets[0].members: they are 350.50 USD together, 50.50 USD more than the 300.00 USD of the budget; lower them, or raise the amount',
  ],
  ['budget-of-money-and-tokens.yaml', ':4:5 budgets[0].tokens: amount_usd is also given; a budget is in money or in tokens, so leave out one'],
  [
    'budget-parent-circle.yaml',
    ':2:44 budgets[0].parent: "two" is itself part of "one"; leave out one parent',
    ':3:44 budgets[1].parent: "one" is itself part of "two"; leave out one parent',
  ],
  ['budget-parent-other-period.yaml', ':3:45 budgets[1].parent: "all" has a different period; a budget and its parent need the same'],
  [
    'budget-parent-too-small.yaml',
    ':2:30 budgets[0].amount_usd: its parts one, two are 120.00 USD together, 20.00 USD more than its 100.00 USD; raise it, or lower them',
  ],
  ['budget-parent-unknown.yaml', ':3:45 budgets[1].parent: there is no budget "al"; there is all'],
  [
    'budget-per-misspelt.yaml',
    ':4:10 budgets[0].per: must be one of user, team, workspace, repository, cost_center, department, model, job, not "users"; did you mean "user"?',
  ],
  ['budget-period-backwards.yaml', ':4:37 budgets[0].period.to: must be after from, 2026-12-01, not 2026-11-01; it is the day after the last one'],
  [
    'budget-period-is-number.yaml',
    ':4:13 budgets[0].period: must be one of day, week, month, quarter, year, or a map of rolling_days, or a map of from and to, not 30',
  ],
  [
    'budget-period-key-misspelt.yaml',
    ':4:13 budgets[0].period.rolling_days: missing; add it, as a whole number from 1 to 366',
    ':4:15 budgets[0].period.roling_days: unknown key; did you mean "rolling_days"?',
  ],
  ['budget-period-no-day.yaml', ':4:21 budgets[0].period.from: must be a day such as 2026-09-01, not "2026-11-31"'],
  ['budget-period-too-long.yaml', ':4:29 budgets[0].period.rolling_days: must be a whole number from 1 to 366, not 400'],
  ['budget-rollover-bound-alone.yaml', ':4:5 budgets[0].rollover_max_usd: has no effect without rollover: true; add that, or leave this out'],
  [
    'budget-rollover-rolling.yaml',
    ':5:15 budgets[0].rollover: needs a calendar period (day, week, month, quarter, year); other periods have no rollover',
  ],
  ['budget-scope-empty-list.yaml', ':4:20 budgets[0].scope.team: must be text, or a list of texts, not an empty list'],
  ['budget-scope-is-number.yaml', ':4:27 budgets[0].scope.cost_center: must be text, not the number 4711; put it in quotes'],
  ['budget-threshold-is-percent.yaml', ':4:24 budgets[0].thresholds[0].at: must be a number above 0 and at most 10, not 80'],
  ['budget-threshold-on-unknown.yaml', ':4:33 budgets[0].thresholds[0].on: must be one of actual, forecast, not "forcast"; did you mean "forecast"?'],
  ['budget-thresholds-and-warning.yaml', ':4:5 budgets[0].warning_threshold: thresholds is also given; write the warning there, as { at: 0.8 }'],
  ['budget-thresholds-twice.yaml', ':6:9 budgets[0].thresholds[1]: is the same share of the same spend as thresholds[0]; leave one out'],
  ['budget-time-zone-unknown.yaml', ':4:16 budgets[0].time_zone: must be an IANA time zone such as "Europe/Berlin" or "UTC", not "Berlin"'],
  [
    'budget-token-class-misspelt.yaml',
    ':3:38 budgets[0].tokens.classes[0]: must be one of input, output, cache_creation, cache_read, not "imput"; did you mean "input"?',
  ],
  ['budget-tokens-without-classes.yaml', ':3:13 budgets[0].tokens.classes: missing; add it, as a list of texts'],
];
