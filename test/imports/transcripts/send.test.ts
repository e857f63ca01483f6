import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { importMessage } from '../../../collector/catalog/imported.ts';
import { TranscriptRequests } from '../../../collector/imports/transcripts/collect.ts';
import { readTranscriptLine } from '../../../collector/imports/transcripts/request.ts';
import { NOTHING_SENT, sendRequests } from '../../../collector/imports/transcripts/send.ts';
import { line } from './lines.ts';

const requestsOf = (count: number) => {
  const requests = new TranscriptRequests();
  const collect = requests.file();
  for (let index = 0; index < count; index++) {
    const read = readTranscriptLine(line({ requestId: `req_${index}`, message: { id: `msg_${index}` } }));
    if (typeof read !== 'string') collect(read);
  }
  return requests.all();
};

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Breaks the connection instead. */
  readonly drops?: boolean;
}

const TAKEN: Reply = {
  body: JSON.stringify({
    partialSuccess: {
      rejectedLogRecords: '0',
      errorMessage: importMessage({ ...NOTHING_SENT, requests: 1, cost: '0.10', booked: 1, unpriced: { m: 5 } }),
    },
  }),
};

describe('sending requests', () => {
  let server: Server;
  let url: string;
  let replies: Reply[];
  let asked: number;
  beforeEach(async () => {
    replies = [];
    asked = 0;
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        asked++;
        const { status = 200, headers = {}, body = '{}', drops = false } = replies.shift() ?? TAKEN;
        if (drops) request.socket.destroy();
        else response.writeHead(status, headers).end(body);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  });
  afterEach(() => {
    server.close();
  });

  const send = (count: number, signal?: AbortSignal) => {
    const sent: number[] = [];
    const note = async (part: readonly unknown[]) => void sent.push(part.length);
    return sendRequests(requestsOf(count), { url, signal }, { repositoryOf: () => undefined }, note).then((answer) => ({ answer, sent }));
  };

  test('is done in parts, which are added up', async () => {
    const { answer, sent } = await send(1_200);
    expect(sent).toEqual([500, 500, 200]);
    expect(answer).toMatchObject({ requests: 3, cost: '0.30', booked: 3, unpriced: { m: 15 } });
  });

  test('is tried again while the collector is busy', async () => {
    replies = [
      { status: 503, headers: { 'retry-after': '0.001' } },
      { status: 429, headers: { 'retry-after': '0.001' } },
    ];
    expect((await send(1)).answer.requests).toBe(1);
    expect(asked).toBe(3);
  });

  test.each([
    [{ status: 401 }, 'refused the token'],
    [{ status: 400, body: '{"code":3,"message":"No such thing."}' }, 'answered 400. No such thing.'],
    [{ body: '{}' }, 'takes telemetry, but knows no imports'],
    [{ body: 'hello' }, 'takes telemetry, but knows no imports'],
    [{ body: '{"partialSuccess":{"errorMessage":"ledgerline.import {"}}' }, 'refused the import'],
  ])('ends with what %j says', async (reply, sentence) => {
    replies = [reply];
    await expect(send(1)).rejects.toThrow(sentence);
    expect(asked).toBe(1);
  });

  test('ends soon where nothing has responded, and waits for a collector that goes away later', async () => {
    const drop = { drops: true };
    replies = [drop, drop, drop];
    await expect(send(1)).rejects.toThrow('Nothing that takes telemetry responds');
    expect(asked).toBe(3);
    replies = [drop, drop, TAKEN, drop, drop, drop];
    expect((await send(501)).sent).toEqual([500, 1]);
    expect(asked).toBe(3 + 7);
  });

  test('ends between two parts when it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await send(1_200, stop.signal)).sent).toEqual([]);
  });
});
