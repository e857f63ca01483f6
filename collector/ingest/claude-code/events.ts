/**
 * Every event of Claude Code and what it is worth. A new event is one entry in EVENTS; without one it is counted under the
 * measure events and reported as undocumented.
 */
import type { Attributes } from '../attribution/claims.ts';
import { readApiRequest } from './api-request.ts';
import { readFlag, readLabel, readOptionalCount } from './attributes.ts';
import type { Draft, EventReader } from './draft.ts';

export interface EventDefinition {
  readonly read: EventReader;
  /** Has a measure of its own; otherwise it is counted by name. */
  readonly isCounted: boolean;
}

const readUserPrompt: EventReader = (attributes, draft) => {
  draft.amounts.prompts = 1;
  setLabel(draft, 'command', attributes, 'command_name');
  return undefined;
};

const readFailure =
  (measure: 'errors' | 'retries_exhausted' | 'refusals'): EventReader =>
  (attributes, draft) => {
    draft.amounts[measure] = 1;
    setLabel(draft, 'speed', attributes, 'speed');
    setLabel(draft, 'status', attributes, 'error_class');
    setLabel(draft, 'status', attributes, 'status_code');
    return undefined;
  };

const readToolResult: EventReader = (attributes, draft) => {
  draft.amounts.tool_calls = 1;
  if (readFlag(attributes, 'success') === false) draft.amounts.tool_failures = 1;
  const duration = readOptionalCount(attributes, 'duration_ms');
  if (duration !== undefined) draft.amounts.tool_duration_ms = duration;
  readTool(attributes, draft);
  setLabel(draft, 'decision_source', attributes, 'decision_source');
  return undefined;
};

/** Not booked as an edit decision: the metric code_edit_tool.decision reports those, and booking both would count them twice. */
const readToolDecision: EventReader = (attributes, draft) => {
  readTool(attributes, draft);
  setLabel(draft, 'decision_source', attributes, 'source');
  return undefined;
};

/** What it was about may hold content and is not read. */
const readSafetyEvent: EventReader = (attributes, draft) => {
  readTool(attributes, draft);
  setLabel(draft, 'decision_source', attributes, 'decision_source');
  return undefined;
};

const readCompaction: EventReader = (attributes, draft) => {
  if (readFlag(attributes, 'success') === false) draft.amounts.events = 1;
  else draft.amounts.compactions = 1;
  return undefined;
};

const readSubagent: EventReader = (attributes, draft) => {
  draft.amounts.subagents = 1;
  setLabel(draft, 'agent', attributes, 'agent_type');
  return undefined;
};

const readNothing: EventReader = () => undefined;

function readTool(attributes: Attributes, draft: Draft): void {
  const tool = readLabel(attributes, 'tool_name') ?? readLabel(attributes, 'tool');
  if (tool !== undefined) draft.dimensions.tool = tool;
}

function setLabel(draft: Draft, dimension: keyof Draft['dimensions'], attributes: Attributes, key: string): void {
  const label = readLabel(attributes, key);
  if (label !== undefined) draft.dimensions[dimension] = label;
}

const counted = (read: EventReader): EventDefinition => ({ read, isCounted: true });
const byName = (read: EventReader = readNothing): EventDefinition => ({ read, isCounted: false });

export const EVENTS: ReadonlyMap<string, EventDefinition> = new Map([
  ['api_request', counted(readApiRequest)],
  ['api_error', counted(readFailure('errors'))],
  ['api_retries_exhausted', counted(readFailure('retries_exhausted'))],
  ['api_refusal', counted(readFailure('refusals'))],
  ['user_prompt', counted(readUserPrompt)],
  ['tool_result', counted(readToolResult)],
  ['compaction', counted(readCompaction)],
  ['subagent_completed', counted(readSubagent)],
  ['tool_decision', byName(readToolDecision)],
  ['assistant_response', byName()],
  ['api_request_body', byName()],
  ['api_response_body', byName()],
  ['permission_mode_changed', byName()],
  ['auth', byName()],
  ['mcp_server_connection', byName()],
  ['internal_error', byName()],
  ['plugin_installed', byName()],
  ['plugin_loaded', byName()],
  ['skill_activated', byName()],
  ['at_mention', byName()],
  ['hook_registered', byName()],
  ['hook_execution_start', byName()],
  ['hook_execution_complete', byName()],
  ['hook_plugin_metrics', byName()],
  ['feedback_survey', byName()],
  ['retention_sweep', byName()],
  ['managed_settings_resolved', byName()],
  ['system_prompt', byName()],
  ['tool', byName()],
  ['summary', byName()],
  ['safety_event', byName(readSafetyEvent)],
]);

export const UNDOCUMENTED_EVENT: EventDefinition = byName();
