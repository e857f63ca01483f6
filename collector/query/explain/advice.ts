/** What can be done about a finding: one sentence each, and where to read more. */

const COSTS = 'https://code.claude.com/docs/en/costs';
const REPORTS = 'docs/reports.md#why-was-it-expensive';

export const ADVICE = {
  clear: { text: 'Start each task with /clear, so that it does not carry the conversation of the one before.', link: COSTS },
  compact: { text: 'Use /compact when a conversation grows long, with a word on what to keep.', link: COSTS },
  split: { text: 'Split large tasks into sessions of their own, or into subagents that return only their result.', link: COSTS },
  look_into_session: {
    text: 'Look into one of them: `ledgerline debug SESSION`, or request by request with `ledgerline session SESSION --requests`.',
    link: REPORTS,
  },
  smaller_model: { text: 'Use a smaller model where it is enough: /model, or `model` in the settings for everyone.', link: COSTS },
  default_model: { text: 'If the change was not intended, set the model in the managed settings.', link: COSTS },
  smaller_inputs: {
    text: 'Have fewer and smaller files read: name them, keep CLAUDE.md short, and switch off MCP servers that are not used.',
    link: COSTS,
  },
  shorter_prompts: {
    text: 'Keep the prompt below the length from which the model costs more: /compact earlier, or another model.',
    link: 'docs/prices.md',
  },
  stable_prefix: {
    text: 'Keep what comes first in the prompt the same: a change of model, tools or MCP servers within a session writes the cache again.',
    link: COSTS,
  },
  cache_1h: { text: 'For pauses of up to an hour, the one-hour cache can cost less than writing the five-minute one again.', link: COSTS },
  resume_less: { text: 'After a long pause, begin anew with a summary rather than resume a long conversation.', link: COSTS },
  check_automation: { text: 'Check who runs it, whether it has to run that often, and give it a budget of its own.', link: 'docs/budgets.md' },
  budget: { text: 'Set a budget with a threshold, so that it is noticed on the day.', link: 'docs/budgets.md' },
  check_version: {
    text: 'Read the release notes of the client, and pin the version before it if the extra cost is not wanted.',
    link: 'docs/claude-code-telemetry.md',
  },
  lower_effort: { text: 'Use a lower effort for routine work: /effort, or `effortLevel` in the settings.', link: COSTS },
  no_fast_mode: { text: 'Switch fast mode off where nobody waits for the answer: /fast.', link: COSTS },
  cheaper_subagents: { text: 'Give subagents a smaller model in their definition, and start fewer of them.', link: COSTS },
  check_background: {
    text: 'Background work (titles, summaries, hooks’ prompts) should be small: check hooks and the small model in the settings.',
    link: COSTS,
  },
  fewer_searches: {
    text: 'Each web search also costs a fee, which is in the cost and cannot be seen apart: give the page’s address where it is known.',
    link: 'docs/prices.md',
  },
  check_limits: {
    text: 'Check rate limits and the provider’s status; agents that retry in a loop should wait longer each time.',
    link: 'docs/operations.md',
  },
  update_client: { text: 'Update the client: versions after 2.1.59 do not report attempts that broke off.', link: 'docs/claude-code-telemetry.md' },
  attribute: { text: 'Name the missing users and teams in the directory, or give clients tokens of their own.', link: 'docs/attribution.md' },
  add_price: { text: 'Add the model to your own price file.', link: 'docs/prices.md' },
  check_price_basis: {
    text: 'See which requests: `ledgerline session SESSION --requests`, or `ledgerline report --by price_basis --measures cost_events,cost_list`.',
    link: 'docs/costs.md',
  },
  check_data: { text: '`ledgerline doctor` says why it is held back.', link: 'docs/costs.md' },
} as const;

export type AdviceCode = keyof typeof ADVICE;
