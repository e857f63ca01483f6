/** What the client writes to its hooks' standard input: one sample for each of its 34 events, in the shapes that 2.1.332 was seen to send. */

export const SESSION = '16335c04-38a1-4c6c-8263-75c24ca31c6d';
export type Input = Readonly<Record<string, unknown>>;

const TOOL: Input = {
  tool_name: 'Bash',
  tool_input: { command: 'echo two', description: 'echo two' },
  tool_use_id: 'toolu_01FBgPFQ2ZJhH9gX3ZjFknPf',
};
const TURN: Input = { permission_mode: 'auto', effort: { level: 'medium' } };
const AGENT: Input = { agent_id: 'a2772ba2a7ad5dff9', agent_type: 'general-purpose' };
const SWITCH: Input = { from_model: 'claude-sonnet-5-5', to_model: 'claude-opus-5-5', requested_model: 'opus', source: 'command' };
const TASK: Input = { task_id: '1', task_subject: 'Tidy up', task_description: 'Tidy up the invoices module.' };

/** What each event has beside the head that all have. Those that nobody has seen yet are made in the likeness of the others. */
const SAMPLES: Readonly<Record<string, Input>> = {
  PreToolUse: { ...TURN, ...TOOL },
  PostToolUse: { ...TURN, ...TOOL, tool_response: { stdout: 'two', stderr: '', interrupted: false, isImage: false }, duration_ms: 15 },
  PostToolUseFailure: {
    permission_mode: 'default',
    ...TOOL,
    error: "Exit code 2\nls: cannot access '/nonexistent'",
    is_interrupt: false,
    duration_ms: 25,
  },
  PostToolBatch: { ...TURN, tool_calls: [{ ...TOOL, tool_response: 'two' }] },
  Notification: { message: 'Claude needs your permission to use Bash', notification_type: 'permission_prompt' },
  UserPromptSubmit: { permission_mode: 'auto', prompt: 'Two (ref g2)' },
  UserPromptExpansion: { permission_mode: 'auto', prompt: '/review', command_name: 'review' },
  SessionStart: { source: 'startup', model: 'claude-sonnet-5-5' },
  SessionEnd: { reason: 'prompt_input_exit' },
  Stop: { ...TURN, stop_hook_active: false, last_assistant_message: 'Done two.', background_tasks: [], session_crons: [] },
  StopFailure: { permission_mode: 'auto', error: 'rate_limit' },
  SubagentStart: AGENT,
  SubagentStop: { ...TURN, ...AGENT, stop_hook_active: false, last_assistant_message: '<summary>\n1. Done.\n</summary>' },
  PreCompact: { trigger: 'manual', custom_instructions: null },
  PostCompact: { trigger: 'manual', compact_summary: '<summary>\n1. Primary request: tidy up.\n</summary>' },
  PreModelSwitch: {
    ...SWITCH,
    context_tokens: 16172,
    prompt_cache_warm: true,
    cache_ttl: '5m',
    estimated_cache_write_usd: 0.0809,
    pricing: 'catalog',
  },
  PostModelSwitch: SWITCH,
  PermissionRequest: { ...TURN, ...TOOL, permission_suggestions: [] },
  PermissionDenied: { ...TURN, ...TOOL, reason: 'denied' },
  Setup: { trigger: 'init' },
  TeammateIdle: { ...AGENT, teammate_name: 'reviewer' },
  TaskCreated: TASK,
  TaskCompleted: TASK,
  Elicitation: { mcp_server_name: 'tickets', message: 'Which project?', requested_schema: { type: 'object', properties: {} } },
  ElicitationResult: { mcp_server_name: 'tickets', action: 'accept', content: { project: 'A' } },
  ConfigChange: { source: 'user_settings' },
  WorktreeCreate: { name: 'feature' },
  WorktreeRemove: { worktree_path: '/srv/acme-api/.worktrees/feature' },
  InstructionsLoaded: { file_path: '/srv/acme-api/CLAUDE.md', memory_type: 'project' },
  CwdChanged: { old_cwd: '/srv/acme-api', new_cwd: '/srv/acme-api/src' },
  FileChanged: { file_path: '/srv/acme-api/package.json', change: 'modified' },
  DirectoryAdded: { directory: '/srv/shared' },
  MessageDisplay: { turn_id: '5a724c4a-9a3e-4418-b769-0e7690e2c08b', message_id: '6d0c1e19', index: 0, final: true, delta: 'Done two.' },
  PreSkillShellCommand: { ...TURN, skill_name: 'release', command: 'git status' },
};

export const EVENTS: readonly string[] = Object.keys(SAMPLES);

/** The input of an event, in one line as the client writes it; `more` goes last, or replaces what the sample has. */
export function inputOf(event: string, more: Input = {}): string {
  const head = {
    session_id: SESSION,
    transcript_path: `/srv/dev/.claude/projects/-srv-acme-api/${SESSION}.jsonl`,
    cwd: '/srv/acme-api',
    prompt_id: 'c96709f5-c6f5-4133-8b11-13d27b7c6457',
  };
  return JSON.stringify({ ...head, hook_event_name: event, ...SAMPLES[event], ...more });
}
