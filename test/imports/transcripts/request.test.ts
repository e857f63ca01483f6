import { describe, expect, test } from '@jest/globals';
import { TranscriptRequests } from '../../../collector/imports/transcripts/collect.ts';
import { readTranscriptLine, type TranscriptRequest } from '../../../collector/imports/transcripts/request.ts';
import { exportOf } from '../../../collector/imports/transcripts/wire.ts';
import { line, prompt, SECRET } from './lines.ts';

const read = (text: string): TranscriptRequest => {
  const request = readTranscriptLine(text);
  if (typeof request === 'string') throw new Error(`skipped: ${request}`);
  return request;
};

describe('a line of a transcript', () => {
  test('is read as an api_request event would report it', () => {
    expect(read(line({ effort: 'high', attributionSkill: 'review', usage: { server_tool_use: { web_search_requests: 2 } } }))).toMatchObject({
      ...{ messageId: 'msg_1', requestId: 'req_1', sessionId: 'session-1', timeMs: Date.parse('2026-11-20T12:00:00Z'), model: 'claude-sonnet-5-5' },
      tokens: { input: 41, output: 117, cacheRead: 7, cacheCreation: 924, cacheCreation1h: 211 },
      ...{ webSearches: 2, serviceTier: 'standard', effort: 'high', skill: 'review', version: '2.1.332', entryPoint: 'cli', isSidechain: false },
    });
  });

  test.each([
    ['a prompt', prompt(), 'other'],
    ['an empty line', '  ', 'other'],
    ['another line with a usage', JSON.stringify({ type: 'user', toolUseResult: { usage: {} } }), 'other'],
    ['an answer that the client made up', line({ message: { model: '<synthetic>', usage: { input_tokens: 1 } } }), 'synthetic'],
    ['an error of the API', line({ isApiErrorMessage: true }), 'error'],
    ['a line that is cut off', line().slice(0, 200), 'broken'],
    ['a line that is no JSON', `{"usage"${line()}}`, 'broken'],
    ['a line without a session', line({ sessionId: '' }), 'no_session'],
    ['a line without a time', line({ timestamp: 'yesterday' }), 'no_time'],
    ['a negative count', line({ usage: { input_tokens: -1 } }), 'bad_usage'],
    ['a count that is a text', line({ usage: { output_tokens: '12' } }), 'bad_usage'],
    ['no tokens at all', line({ message: { usage: { input_tokens: 0, output_tokens: 0 } } }), 'empty'],
  ])('%s is no request', (_, text, reason) => expect(readTranscriptLine(text)).toBe(reason));

  test('of 2025 says its cost itself, and not how long its cache writes live', () => {
    const request = read(line({ costUSD: 0.25, message: { usage: { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: 3 } } }));
    expect(request).toMatchObject({ costUsd: 0.25, tokens: { cacheCreation: 3, cacheCreation1h: undefined } });
  });

  test('of an agent may stand within a line of its session', () => {
    const inner = JSON.parse(line({ requestId: 'req_2', sessionId: undefined }));
    const outer = { type: 'progress', sessionId: 'session-9', timestamp: '2026-11-20T13:00:00Z', data: { type: 'agent_progress', message: inner } };
    expect(read(JSON.stringify(outer))).toMatchObject({ sessionId: 'session-9', requestId: 'req_2', isSidechain: true, tokens: { output: 117 } });
  });

  test('of a fork belongs to the session that it was copied from', () => {
    expect(read(line({ forkedFrom: { sessionId: 'first', messageUuid: 'm' } })).sessionId).toBe('first');
  });

  test('names models that were consulted beside it, and the iterations of its own', () => {
    const own = { type: 'message', input_tokens: 20, output_tokens: 60, cache_read_input_tokens: 3, cache_creation_input_tokens: 400 };
    const advisor = { type: 'advisor_message', model: 'claude-opus-5-5', input_tokens: 9_000, output_tokens: 700 };
    const request = read(line({ usage: { iterations: [own, advisor, { ...own, input_tokens: 21 }] } }));
    expect(request.advisors).toEqual([{ model: 'claude-opus-5-5', tokens: expect.objectContaining({ input: 9_000, output: 700 }) }]);
    expect(request.iterations.map(({ input }) => input)).toEqual([20, 21]);
  });
});

describe('the lines of all files', () => {
  const collected = (...files: (readonly string[])[]) => {
    const requests = new TranscriptRequests();
    for (const lines of files) {
      const collect = requests.file();
      for (const text of lines) collect(read(text));
    }
    return { all: requests.all(), repeats: requests.repeats };
  };

  test('of one response are one request, with the most tokens and the latest time', () => {
    const { all, repeats } = collected([
      line({ usage: { output_tokens: 1 }, timestamp: '2026-11-20T12:00:01Z' }),
      line({ timestamp: '2026-11-20T12:00:02Z' }),
      line({ usage: { output_tokens: 2 }, timestamp: '2026-11-20T12:00:03Z' }),
    ]);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ tokens: { output: 117 }, timeMs: Date.parse('2026-11-20T12:00:03Z') });
    expect(repeats).toBe(2);
  });

  test('a copy in a session that goes on belongs to the one that ended first', () => {
    const later = line({ sessionId: 'session-2', requestId: 'req_2', message: { id: 'msg_2' }, timestamp: '2026-11-20T14:00:00Z' });
    const { all } = collected([line({ sessionId: 'session-2' }), later], [line()]);
    expect(all.map(({ sessionId, requestId }) => [sessionId, requestId])).toEqual([
      ['session-1', 'req_1'],
      ['session-2', 'req_2'],
    ]);
  });

  test('a message of the conversation counts before its repeat in a side chain, under another id or with more tokens', () => {
    const { all } = collected([line({ isSidechain: true, requestId: 'req_9', usage: { output_tokens: 900 } })], [line()]);
    expect(all.map(({ requestId }) => requestId)).toEqual(['req_1']);
    expect(collected([line({ isSidechain: true, usage: { output_tokens: 900 } })], [line()]).all[0]?.tokens.output).toBe(117);
  });

  test('two requests that share a message id and differ in their own are two', () => {
    expect(collected([line(), line({ requestId: 'req_2' })]).all).toHaveLength(2);
  });

  test('without any id, what follows on a line with the same prompt is the same response', () => {
    const anonymous = (uuid: string, parentUuid: string, usage: object = {}) =>
      line({ requestId: undefined, uuid, parentUuid, message: { id: undefined }, usage });
    const { all } = collected([
      anonymous('a', '0', { output_tokens: 3 }),
      anonymous('b', 'a'),
      anonymous('c', 'x'),
      anonymous('d', 'c', { input_tokens: 5 }),
    ]);
    expect(all.map(({ tokens }) => [tokens.input, tokens.output]).sort()).toEqual([
      [41, 117],
      [41, 117],
      [5, 117],
    ]);
  });

  test('nothing else is sent than what an event says', () => {
    const { all } = collected([line({ attributionAgent: 'reviewer' })]);
    const sent = JSON.stringify(exportOf(all, { user: 'alice@example.com', repositoryOf: () => 'https://github.com/acme/api' }));
    expect(sent).not.toContain(SECRET);
    const [record] = JSON.parse(sent).resourceLogs[0].scopeLogs[0].logRecords;
    expect(record.attributes.map(({ key }: { key: string }) => key).sort()).toEqual([
      ...[
        'agent.name',
        'app.entrypoint',
        'app.version',
        'cache_creation_1h_tokens',
        'cache_creation_5m_tokens',
        'cache_creation_tokens',
        'cache_read_tokens',
        'event.name',
      ],
      ...['input_tokens', 'ledgerline.import.key', 'ledgerline.import.origin', 'model', 'output_tokens', 'query_source', 'request_id'],
      ...['service_tier', 'session.id', 'speed', 'user.email', 'vcs.repository.url.full'],
    ]);
  });
});
