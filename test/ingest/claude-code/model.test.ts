import { describe, expect, test } from '@jest/globals';
import { createModelReader, normalizeModel } from '../../../collector/ingest/claude-code/model-names.ts';

const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/ab12cd34';

describe('a model id', () => {
  test.each([
    ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5[1m]', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5-20250929[1m]', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]', 'claude-sonnet-4-5'],
    ['anthropic.claude-sonnet-4-5-20250929-v1:0:200k', 'claude-sonnet-4-5'],
    ['global.anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
    ['apac.anthropic.claude-sonnet-4-20250514-v1:0', 'claude-sonnet-4'],
    ['us-gov.anthropic.claude-3-5-haiku-20241022-v1:0', 'claude-3-5-haiku'],
    ['arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0', 'claude-haiku-4-5'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-v1:0', 'claude-opus-5'],
    ['projects/acme/locations/us-east5/publishers/anthropic/models/claude-opus-5@20260724', 'claude-opus-5'],
    ['anthropic/claude-opus-4.5', 'claude-opus-4-5'],
    ['claude-3-5-haiku-latest', 'claude-3-5-haiku'],
    ['claude-3-5-sonnet-v2@20241022', 'claude-3-5-sonnet'],
    ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'claude-3-5-sonnet'],
    ['claude-opus-4-0', 'claude-opus-4'],
    ['claude-opus-4-20250514', 'claude-opus-4'],
    ['claude-instant-1.2', 'claude-instant-1-2'],
    ['claude-mythos-5-1', 'claude-mythos-5-1'],
    ['Claude-Fable-5', 'claude-fable-5'],
    [' claude-haiku-5-5 ', 'claude-haiku-5-5'],
    ['databricks-claude-sonnet-5-5', 'claude-sonnet-5-5'],
    ['claude-mythos-preview', 'claude-mythos-preview'],
  ])('%s should be the model %s', (raw, model) => {
    expect(normalizeModel(raw)).toMatchObject({ model, recognized: true });
  });

  test.each([
    ['us.anthropic.claude-opus-5-v1:0', 'us'],
    ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]', 'eu'],
    ['apac.anthropic.claude-sonnet-4-20250514-v1:0', 'apac'],
    ['au.anthropic.claude-sonnet-4-5-20250929-v1:0', 'au'],
    ['jp.anthropic.claude-sonnet-4-5-20250929-v1:0', 'jp'],
    ['GLOBAL.anthropic.claude-opus-4-6-v1', 'global'],
    ['us-gov.anthropic.claude-3-5-haiku-20241022-v1:0', 'us-gov'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5-v1:0', 'us'],
    ['anthropic.claude-opus-5-v1:0', undefined],
    ['claude-opus-5', undefined],
  ])('%s should have the region %s', (raw, region) => {
    expect(normalizeModel(raw).region).toBe(region);
  });

  test.each([
    ['claude-opus-5-5-fast', 'claude-opus-5-5', undefined],
    ['anthropic/claude-opus-4.8-fast', 'claude-opus-4-8', undefined],
    ['us.anthropic.claude-opus-5-5-fast-v1:0', 'claude-opus-5-5', 'us'],
    ['claude-fable-5-2-fast@20261109', 'claude-fable-5-2', undefined],
    ['claude-opus-4-0-fast[1m]', 'claude-opus-4', undefined],
  ])('%s should be %s in fast mode', (raw, model, region) => {
    expect(normalizeModel(raw)).toEqual({ model, recognized: true, speed: 'fast', ...(region !== undefined && { region }) });
  });

  test('should keep the region of an id that an alias spells without', () => {
    const raw = 'eu.anthropic.claude-opus-5-v1:0';
    expect(normalizeModel(raw, { [raw]: 'claude-opus-5' })).toEqual({ model: 'claude-opus-5', recognized: true, region: 'eu' });
  });

  test.each([ARN, 'gpt-5', 'my-deployment', '<synthetic>', 'claude-next'])('%s should stay as it was sent and not be recognized', (raw) => {
    expect(normalizeModel(raw)).toEqual({ model: raw, recognized: false });
  });

  test('should be what the configuration says it is, with or without the context variant', () => {
    const aliases = { [ARN]: 'claude-opus-5-5', 'my-deployment': 'us.anthropic.claude-haiku-5-5-v1:0' };
    expect(normalizeModel(ARN, aliases)).toEqual({ model: 'claude-opus-5-5', recognized: true });
    expect(normalizeModel(`${ARN}[1m]`, aliases)).toEqual({ model: 'claude-opus-5-5', recognized: true });
    expect(normalizeModel('my-deployment', aliases)).toEqual({ model: 'claude-haiku-5-5', recognized: true, region: 'us' });
    expect(normalizeModel('constructor', aliases)).toEqual({ model: 'constructor', recognized: false });
  });

  test('should be read the same when it is remembered', () => {
    const read = createModelReader({});
    for (let index = 0; index < 5_000; index++) read(`model-${index}`);
    expect([read('claude-opus-5[1m]'), read('claude-opus-5[1m]')]).toEqual(Array(2).fill({ model: 'claude-opus-5', recognized: true }));
  });
});
