/**
 * Many questions of the guard in one exchange between the front and the reader's thread: when hooks ask by the thousand, an exchange for
 * each costs more than the answers. Only what is answered is answered here; whatever else is to be said of a request (a token that may not
 * ask, a parameter that is wrong) is left to the ordinary way.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { queryOf } from '../query/parameters.ts';
import type { Question } from '../query/question.ts';
import { PEER_HEADER } from '../server/reader-gate.ts';
import type { AskingOf } from './questions.ts';

export const TOGETHER_PATH = '/together';

/** A GET, as far as an answer needs it. */
export interface AskedTogether {
  readonly url: string;
  readonly headers: { readonly authorization?: string | undefined; readonly cookie?: string | undefined };
  /** As PEER_HEADER has it. */
  readonly peer: string;
}

export interface AnsweredTogether {
  readonly body: string;
  /** So long it may be used again. */
  readonly seconds: number;
}
/** In the order of the questions; null for what has to go the ordinary way. */
export type TogetherAnswers = readonly (AnsweredTogether | null)[];

/** What the front sends of itself has no peer, and what clients send always has one: see relay.ts. */
const isOfFront = ({ method, url, headers, socket }: IncomingMessage): boolean =>
  method === 'POST' && url === TOGETHER_PATH && headers[PEER_HEADER] === undefined && socket.remoteAddress === undefined;

export const answeringTogether =
  (question: Question, askingOf: AskingOf): RequestHandler =>
  async (request, response, next) => {
    if (!isOfFront(request)) return next();
    const asked = JSON.parse(await textOf(request)) as readonly AskedTogether[]; // written by the front, as this type
    const answers = await Promise.all(asked.map((one) => answered(one, request, question, askingOf).catch(() => null)));
    response.end(JSON.stringify(answers satisfies TogetherAnswers));
  };

async function answered(
  { url, headers, peer }: AskedTogether,
  { socket }: IncomingMessage,
  question: Question,
  askingOf: AskingOf,
): Promise<AnsweredTogether | null> {
  const asking = askingOf({ headers: { ...headers, [PEER_HEADER]: peer }, socket }, question);
  const asked = question.read({ parameters: queryOf(url) }, asking);
  const kept = question.kept?.of(asked, await question.ask(asked, asking));
  return kept === undefined ? null : { body: JSON.stringify(kept.body), seconds: kept.seconds };
}

/** Of the front, which bounds it. */
async function textOf(request: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
