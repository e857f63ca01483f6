/** Which parts of the client spend: the main loop, subagents, background work, skills, MCP servers, plugins and commands. */
import type { Board } from '../../collector/catalog/panel.ts';
import { bars, perDay, stat, table } from '../panels/ledger.ts';

/** What has no such feature is most of the spend and would hide the rest. */
const used = (dimension: 'skill' | 'agent' | 'mcp_server' | 'plugin' | 'command') => [{ dimension, values: ['none'], not: true }] as const;

const NO_EDITS = 'No edit was accepted or rejected.';

export const FEATURES: Board = {
  id: 'features',
  title: 'Features',
  description: 'What the main loop, subagents and background work cost, and what skills, MCP servers, plugins and slash commands add.',
  variables: ['organization'],
  rows: [
    {
      title: 'Spend and usage',
      panels: [
        stat('cost', 'range', { width: 6 }),
        stat('requests', 'range', { width: 6 }),
        stat('prompts', 'range', { width: 6 }),
        stat('tool_calls', 'range', { width: 6 }),
      ],
    },
    {
      title: 'By query source',
      panels: [perDay({ by: 'query_source', width: 10 }), bars({ by: 'query_source', width: 7 }), bars({ by: 'query_source_detail', width: 7 })],
    },
    {
      title: 'Subagents and skills',
      panels: [
        table({
          id: 'agents',
          title: 'Subagents',
          figures: ['cost', 'requests'],
          by: ['agent'],
          where: used('agent'),
          empty: 'No subagent was used.',
          width: 12,
        }),
        table({
          id: 'skills',
          title: 'Skills',
          figures: ['cost', 'requests'],
          by: ['skill'],
          where: used('skill'),
          empty: 'No skill was used.',
          width: 12,
        }),
      ],
    },
    {
      title: 'MCP servers and plugins',
      panels: [
        table({
          id: 'mcp-servers',
          title: 'MCP servers',
          note: 'The cost of requests that used a result from the server, which is more than the server itself caused.',
          figures: ['cost', 'requests'],
          by: ['mcp_server'],
          where: used('mcp_server'),
          empty: 'No MCP server was used, or the client does not report their names (OTEL_LOG_TOOL_DETAILS).',
          width: 12,
        }),
        table({
          id: 'plugins',
          title: 'Plugins',
          figures: ['cost', 'requests'],
          by: ['plugin'],
          where: used('plugin'),
          empty: 'No plugin was used.',
          width: 12,
        }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        perDay({ figure: 'tool_calls', by: 'tool', empty: 'No tool was called.', width: 12 }),
        perDay({ figure: 'requests', by: 'skill', where: used('skill'), empty: 'No skill was used.', width: 12 }),
      ],
    },
    {
      title: 'Commands and tools',
      panels: [
        bars({ figure: 'prompts', by: 'command', where: used('command'), empty: 'No slash command was used.', width: 8 }),
        table({
          id: 'tools',
          title: 'Tools',
          figures: ['tool_calls', 'tool_failures', 'tool_failure_ratio', 'tool_duration_average'],
          by: ['tool'],
          empty: 'No tool was called.',
          width: 16,
          height: 9,
        }),
      ],
    },
    {
      title: 'Subagents, session starts, failures and other events',
      panels: [
        bars({ figure: 'subagents', by: 'agent', empty: 'No subagent was used.', width: 6 }),
        bars({ figure: 'session_starts', by: 'start_type', empty: 'No session start was reported.', width: 6 }),
        bars({ figure: 'errors', by: 'status', empty: 'No request failed.', width: 6 }),
        bars({ figure: 'events', by: 'event', title: 'Other events', empty: 'No other event was reported.', width: 6 }),
      ],
    },
    {
      title: 'Edits',
      panels: [
        table({
          id: 'languages',
          title: 'Edits by language',
          figures: ['edits_accepted', 'edits_rejected', 'accept_ratio'],
          by: ['language'],
          empty: NO_EDITS,
          width: 8,
        }),
        table({
          id: 'edit-tools',
          title: 'Edits by tool',
          figures: ['edits_accepted', 'edits_rejected', 'accept_ratio'],
          by: ['tool'],
          empty: NO_EDITS,
          width: 8,
        }),
        bars({ figure: 'edits_accepted', by: 'decision_source', empty: NO_EDITS, width: 8, height: 10 }),
      ],
    },
    {
      title: 'Effort, speed and provider',
      panels: [bars({ by: 'effort', width: 8 }), bars({ by: 'speed', width: 8 }), bars({ by: 'provider', width: 8 })],
    },
  ],
};
