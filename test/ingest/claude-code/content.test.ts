import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../collector/config/config.ts';
import { createAttribution } from '../../../collector/ingest/attribution/attribution.ts';
import { charge } from '../../../collector/ingest/charge.ts';
import { EVENTS } from '../../../collector/ingest/claude-code/events.ts';
import { METRICS } from '../../../collector/ingest/claude-code/metrics.ts';
import type { Interpretation } from '../../../collector/ingest/usage.ts';
import { createTestInterpreter, dataPoint, eventRecord, logsExport, metricsExport, type Plain, RECEIVED_MS } from './support.ts';

const CANARY = 'canary-7f3a';
const CONTENT = [
  ...['prompt', 'prompt_text', 'user_prompt', 'response', 'body', 'body_ref', 'tool_input', 'tool_parameters', 'full_command', 'bash_command'],
  ...[
    'error',
    'error_name',
    'error.message',
    'hook_matcher',
    'hook_definitions',
    'hook_name',
    'server_name',
    'workspace.host_paths',
    'workflow.name',
  ],
  ...['managed_settings.settings', 'managed_settings.helper.path', 'managed_settings.sources', 'vcs.ref.head.name', 'vcs.ref.head.revision'],
  ...['system_prompt', 'file_path', 'description', 'category', 'additional_context', 'stdout', 'some.future.attribute'],
];
const content: Plain = Object.fromEntries(CONTENT.map((name) => [name, `${CANARY} ${name}`]));

function writeOut(interpretation: Interpretation): string {
  const config = defaultConfig();
  const attribute = createAttribution({ attribution: config.attribution, organization: '' });
  const entries = interpretation.usages.map((usage) => charge(usage, attribute(usage.claims, {}, usage.timeMs), undefined));
  return JSON.stringify([interpretation, interpretation.ignored, interpretation.unknownAttributes, entries], (_key, value) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Map ? [...value] : value;
  });
}

describe('content', () => {
  test.each([...EVENTS.keys(), 'brand_new'])('should not leave this folder with the event %s', (name) => {
    const records = [eventRecord(name, content), eventRecord(name, { ...content, request_id: 'r', 'event.name': '' }, { body: `${CANARY} body` })];
    const interpretation = createTestInterpreter()(logsExport(records, { 'service.name': 'claude-code', ...content }), RECEIVED_MS);
    expect(interpretation.usages).toHaveLength(2);
    expect(writeOut(interpretation)).not.toContain(CANARY);
  });

  test.each([...METRICS.keys()])('should not leave this folder with the metric %s', (name) => {
    const points = ['input', 'added', 'user'].map((type) => dataPoint(`claude_code.${name}`, 1, { ...content, type, decision: 'accept' }));
    const interpretation = createTestInterpreter()(metricsExport(points, { 'service.name': 'claude-code', ...content }), RECEIVED_MS);
    expect(interpretation.usages.length).toBeGreaterThan(0);
    expect(writeOut(interpretation)).not.toContain(CANARY);
  });

  test('should be no branch, but for a run of CI', () => {
    const branch = { 'vcs.ref.head.name': 'fix/login' };
    const claimsIn = (resource: Plain, record: Plain = {}) => {
      const received = logsExport([eventRecord('tool_result', record)], { 'service.name': 'claude-code', ...resource });
      const { claims } = createTestInterpreter()(received, RECEIVED_MS).usages[0] ?? {};
      return [claims?.resource.get('vcs.ref.head.name'), claims?.record.get('vcs.ref.head.name')];
    };
    expect(claimsIn(branch, branch)).toEqual([undefined, undefined]);
    expect(claimsIn({ ...branch, 'cicd.pipeline.name': 'nightly' }, branch)).toEqual(['fix/login', undefined]);
    expect(claimsIn({}, { ...branch, 'cicd.pipeline.run.id': '7' })).toEqual([undefined, 'fix/login']);
  });

  test("should not come in with another sender's records", () => {
    const records = [eventRecord('x', { ...content, 'event.name': `${CANARY} name` }, { body: `${CANARY} body`, eventName: '' })];
    expect(writeOut(createTestInterpreter()(logsExport(records, content, 'shop'), RECEIVED_MS))).not.toContain(CANARY);
  });

  test('the canary should be found if it did come through', () => {
    const interpretation = createTestInterpreter()(logsExport([eventRecord('user_prompt', { 'user.email': `${CANARY}@example.com` })]), RECEIVED_MS);
    expect(writeOut(interpretation)).toContain(CANARY);
  });
});
