/** Questions of the query layer as routes: the query string in, the answer out. */
import type { Request, RequestHandler, Response } from 'express';
import { queryOf } from '../query/parameters.ts';
import type { Asking, Question } from '../query/question.ts';
import { sendJson, sendText } from './large-answer.ts';

/** `asking` for the reader that sends a request: what it may see. */
export type AskingOf = (request: Request, response: Response) => Asking;

/** The path of a question as Express has it. */
export const routeOf = ({ path }: Pick<Question, 'path'>): string => `/api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

export const answering =
  (question: Question, askingOf: AskingOf): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const parameters = queryOf(request.originalUrl);
    const { asked, answer } = await question.respond({ parameters, path: request.params }, askingOf(request, response));
    if (question.csv === undefined || !wantsCsv(request, parameters)) return sendJson(response, Object(answer));
    await sendText(response.attachment(`${question.id}.csv`).type('text/csv'), question.csv(asked, answer));
  };

const wantsCsv = (request: Pick<Request, 'accepts'>, parameters: URLSearchParams): boolean =>
  (parameters.get('format') ?? (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json')) === 'csv';
