/** Spans as Anthropic's API exports them: from the vendor's reference of spans, and the attributes of its SDK (@anthropic-ai/sdk 1.14.0). */
import { NOON } from '../../support/entries.ts';

export interface SpanFacts {
  readonly id: string;
  readonly name?: string;
  readonly model?: string;
  readonly timeMs?: number;
  /** Instead of the usual ones. */
  readonly counts?: Readonly<Record<string, number>>;
}

export const attribute = (key: string, value: string | number) =>
  typeof value === 'string'
    ? { key, value: { stringValue: value } }
    : { key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } };

const COUNTS = {
  'gen_ai.usage.input_tokens': 1_110,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.cache_read.input_tokens': 1_000,
  'gen_ai.usage.cache_write.input_tokens': 100,
  'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 60,
  'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 40,
};

export const span = ({ id, name = 'anthropic.messages.create', model = 'claude-opus-5-5', timeMs = NOON, counts = COUNTS }: SpanFacts) => ({
  name,
  kind: 2,
  startTimeUnixNano: `${timeMs - 3}000000`,
  endTimeUnixNano: `${timeMs}000000`,
  attributes: [
    ...(id === '' ? [] : [attribute('anthropic.request.id', id)]),
    attribute('anthropic.organization.id', 'org_1'),
    attribute('anthropic.workspace.id', 'wrkspc_1'),
    attribute('gen_ai.operation.name', 'chat'),
    attribute('gen_ai.response.model', model),
    ...Object.entries(id === '' ? {} : counts).map(([key, value]) => attribute(key, value)),
  ],
});

export const spansBody = (facts: readonly SpanFacts[], service = 'claude-platform') => ({
  resourceSpans: [
    {
      resource: { attributes: [attribute('service.name', service)] },
      scopeSpans: [
        { scope: { name: service === 'claude-platform' ? 'com.anthropic.claude-platform' : 'com.anthropic.sdk.typescript' }, spans: facts.map(span) },
      ],
    },
  ],
});
