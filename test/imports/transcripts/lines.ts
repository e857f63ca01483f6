/** Lines as Claude Code writes them into transcripts, cut to what is read, and a text that must not leave them. */

export const SECRET = 'the-prompt-that-nobody-may-see';

const USAGE = {
  input_tokens: 41,
  cache_creation_input_tokens: 924,
  cache_read_input_tokens: 7,
  output_tokens: 117,
  service_tier: 'standard',
  cache_creation: { ephemeral_1h_input_tokens: 211, ephemeral_5m_input_tokens: 713 },
};

interface Line {
  readonly usage?: object;
  readonly message?: object;
  readonly [name: string]: unknown;
}

/** A line of an answer. */
export function line({ usage = {}, message = {}, ...rest }: Line = {}): string {
  return JSON.stringify({
    parentUuid: 'u0',
    isSidechain: false,
    type: 'assistant',
    uuid: 'u1',
    timestamp: '2026-11-20T12:00:00.000Z',
    sessionId: 'session-1',
    requestId: 'req_1',
    version: '2.1.332',
    cwd: `/srv/dev/${SECRET}`,
    gitBranch: SECRET,
    entrypoint: 'cli',
    message: {
      id: 'msg_1',
      model: 'claude-sonnet-5-5',
      role: 'assistant',
      content: [{ type: 'text', text: SECRET }],
      usage: { ...USAGE, ...usage },
      ...message,
    },
    ...rest,
  });
}

export const prompt = (): string => JSON.stringify({ type: 'user', sessionId: 'session-1', message: { role: 'user', content: SECRET } });
