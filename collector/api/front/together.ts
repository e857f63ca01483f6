/** Questions that arrive together go to the reader's thread together: one exchange for all that wait while another is under way. */
import { type Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { PRODUCT } from '../../catalog/names.ts';
import { peerHeader, peerOf } from '../../server/reader-gate.ts';
import { type AnsweredTogether, type AskedTogether, TOGETHER_PATH, type TogetherAnswers } from '../together.ts';

interface Waiting {
  readonly asked: AskedTogether;
  readonly answer: PromiseWithResolvers<AnsweredTogether | null>;
}

/** A hundred take the reader some milliseconds, in which nobody else has a turn. */
const TOGETHER_MAX = 100;
/** One is made while the other is answered. */
const EXCHANGES_MAX = 2;

export interface TogetherOptions {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly timeoutMs: number;
}

export class Together {
  readonly #options: TogetherOptions;
  #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(options: TogetherOptions) {
    this.#options = options;
  }

  /** False: it has to go the ordinary way. Also when the reader's thread does not answer, which then says so. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const answer = await this.#ask(request);
    if (answer === null) return false;
    const body = Buffer.from(answer.body);
    response.writeHead(200, {
      'Cache-Control': `private, max-age=${answer.seconds}`,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': body.byteLength,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(body);
    return true;
  }

  #ask(request: IncomingMessage): Promise<AnsweredTogether | null> {
    const { authorization, cookie } = request.headers;
    const asked = { url: request.url ?? '', headers: { authorization, cookie }, peer: peerHeader(peerOf(request)) };
    const answer = Promise.withResolvers<AnsweredTogether | null>();
    this.#waiting.push({ asked, answer });
    // Those that this turn still brings go with it.
    if (this.#waiting.length === 1) setImmediate(() => this.#send());
    return answer.promise;
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#underWay < EXCHANGES_MAX) {
      const together = this.#waiting.splice(0, TOGETHER_MAX);
      this.#underWay++;
      void this.#exchange(together.map(({ asked }) => asked))
        .catch((): TogetherAnswers => [])
        .then((answers) => {
          this.#underWay--;
          for (const [index, { answer }] of together.entries()) answer.resolve(answers[index] ?? null);
          this.#send();
        });
    }
  }

  async #exchange(asked: readonly AskedTogether[]): Promise<TogetherAnswers> {
    const { socketPath, agent, timeoutMs } = this.#options;
    const body = Buffer.from(JSON.stringify(asked));
    const answered = Promise.withResolvers<IncomingMessage>();
    const onward = ask({
      ...{ socketPath, agent, method: 'POST', path: TOGETHER_PATH, headers: { host: PRODUCT, 'content-length': body.byteLength } },
      ...{ setHost: false, signal: AbortSignal.timeout(timeoutMs) },
    });
    onward.on('response', answered.resolve);
    onward.on('error', answered.reject);
    onward.end(body);
    const answer = await answered.promise;
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    if (answer.statusCode !== 200) return [];
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as TogetherAnswers; // written by the reader's thread, as this type
  }
}
