/** The hooks of the guard for the client's settings. */

/** `mixed`: with clients among them that ignore a whole file of settings for one event that they do not know. */
export type Fleet = 'new' | 'mixed';

const EVENTS: Readonly<Record<Fleet, readonly string[]>> = {
  new: ['SessionStart', 'UserPromptSubmit', 'PostToolBatch', 'PreCompact', 'PreModelSwitch'],
  mixed: ['UserPromptSubmit', 'PreToolUse', 'PostToolUse'],
};
/** They run for tools, and older clients want to know which. */
const WITH_MATCHER = ['PreToolUse', 'PostToolUse'];
/** Far above what the guard takes. */
const TIMEOUT_SECONDS = 15;

export interface GuardSettings {
  readonly command: string;
  readonly fleet: Fleet;
  readonly onFailure: 'open' | 'closed';
}

/** The block `hooks`, by event. A client that cannot run the hook at all is as open or closed as the hook; only newer ones know that key. */
export function guardHooks({ command, fleet, onFailure }: GuardSettings) {
  const hook = {
    type: 'command',
    command,
    timeout: TIMEOUT_SECONDS,
    ...(onFailure === 'closed' && fleet === 'new' && { onFailure: 'block' }),
  };
  const hooks = EVENTS[fleet].map((event) => [event, [{ ...(WITH_MATCHER.includes(event) && { matcher: '*' }), hooks: [hook] }]] as const);
  return Object.fromEntries(hooks);
}

/** The blocks `env` and `hooks`. */
export const guardSettings = (settings: GuardSettings): object => ({
  env: {
    LEDGERLINE_URL: 'https://ledgerline.example.com',
    LEDGERLINE_TOKEN: 'REPLACE-WITH-THE-TOKEN',
    LEDGERLINE_GUARD_ON_FAILURE: settings.onFailure,
  },
  hooks: guardHooks(settings),
});
