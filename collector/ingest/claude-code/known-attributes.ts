/**
 * The attribute names that Claude Code is documented or was seen to send. Others are counted, so that a new one is noticed, and make no
 * part of a record's identity: somebody else may have added them.
 */

const STANDARD = `
  session.id ccr.session.id app.version app.entrypoint organization.id user.account_uuid user.account_id user.id user.email user.groups
  identity.source terminal.type vcs.repository.url.full vcs.owner.name vcs.repository.name vcs.provider.name workspace.host_paths
  anthropic.provider anthropic.plan anthropic.seat_type anthropic.custom_base_url event.name event.timestamp event.sequence prompt.id message.uuid message.id
  workflow.run_id workflow.name parent.source`;

const USAGE = `
  model type start_type query_source speed effort agent.name agent_id parent_agent_id skill.name plugin.name marketplace.name mcp_server.name
  mcp_tool.name cost_usd cost_usd_micros duration_ms ttft_ms input_tokens output_tokens cache_read_tokens cache_creation_tokens
  cache_creation_5m_tokens cache_creation_1h_tokens request_id client_request_id error error_class error_type status_code attempt
  total_attempts total_retry_duration_ms server_fallback_hop has_category has_explanation category`;

const CONTENT = `
  prompt prompt_text prompt_length response response_length body body_ref body_length body_truncated request_body_id tool_input
  tool_parameters tool_hash tool_truncated full_command user_prompt user_prompt_length system_prompt system_prompt_hash system_prompt_length
  system_prompt_truncated`;

const TOOLS = `
  tool tool_name tool_use_id use_id tool_source success decision source decision_type decision_source language permission_mode
  tool_input_size_bytes tool_result_size_bytes mcp_server_scope classifier_verdict classifier_category tool_class reason_type reason_code rule_source grant_scope circuit_breaker
  sandbox_violation_count sandbox_enabled vcs.ref.head.revision vcs.ref.head.name vcs.ref.head.type`;

const OTHERS = `
  command_name command_source from_mode to_mode trigger action auth_method error_category status transport_type server_scope
  error_code is_plugin plugin_id_hash plugin_id server_name error_name marketplace.is_official install.trigger install.disabled_by_default plugin.version plugin.scope
  enabled_via has_hooks has_mcp host_owned_mcp skill_path_count command_path_count agent_path_count safe_mode invocation_trigger
  skill.source skill.kind mention_type hook_event hook_type hook_source hook_matcher hook_name num_hooks managed_only hook_definitions
  num_success num_blocking num_non_blocking_error num_cancelled total_duration_ms stdout_chars additional_context_chars
  system_message_chars initial_user_message_chars num_outputs_persisted pre_tokens post_tokens precompute_reuse agent_type agent.source
  is_built_in is_async total_tokens total_tool_uses final_model model_swapped event_type appearance_id survey_type enabled_via_override trigger_type event_origin event_origin_server
  result period_days used_default skip_reason transcripts_deleted transcripts_exempted_desktop session_files_deleted artifacts_deleted
  files_retained_fresh files_past_cutoff error_count history_entries_pruned managed_settings.trigger error.type managed_settings.sources
  managed_settings.source_behavior managed_settings.helper.state managed_settings.helper.applied managed_settings.helper.entry
  managed_settings.helper.path managed_settings.helper.script_sha256 managed_settings.resolved_sha256 managed_settings.settings managed_settings.settings_truncated`;

/** Of the resource. Processors add some of them too, and may copy them to records. */
export const RESOURCE_ATTRIBUTES: ReadonlySet<string> = new Set([
  'service.name',
  'service.version',
  'os.type',
  'os.version',
  'host.arch',
  'host.name',
  'host.id',
  'wsl.version',
]);

export const KNOWN_ATTRIBUTES: ReadonlySet<string> = new Set([STANDARD, USAGE, CONTENT, TOOLS, OTHERS].join(' ').trim().split(/\s+/));
