/** Questions of the query layer as routes: the query string in, the answer out. */
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { queryOf } from '../query/parameters.ts';
import type { Asking, Question } from '../query/question.ts';
import { sendJson, sendText } from './large-answer.ts';
import { isKnown, type LedgerTags, tagOf } from './validators.ts';

/** `asking` for whoever sends a request: what they may see. Throws where they may not ask this at all. */
export type AskingOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>, question: Pick<Question, 'access'>) => Asking;

/** The path of a question as Express has it. */
export const routeOf = ({ path }: Pick<Question, 'path'>): string => `/api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

export const answering =
  (question: Question, askingOf: AskingOf, tags: LedgerTags): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    const asking = askingOf(request, question);
    const parameters = queryOf(request.originalUrl);
    const { path, isCsv } = read(question, request, parameters);
    const asked = question.read({ parameters, path }, asking);
    if (question.csv !== undefined) response.vary('Accept');
    const type = isCsv ? 'csv' : 'json';
    const early = question.isOfLedger === true ? await tags.tagFor(question, asked, asking, type) : undefined;
    if (early !== undefined && isKnown(request, response, early)) return void response.status(304).end();
    const answer = await question.ask(asked, asking);
    if (question.kept !== undefined) return sendKept(response, question.kept.of(asked, answer));
    if (early === undefined && isKnown(request, response, tagOf(answer, type))) return void response.status(304).end();
    linkToNext(request, response, answer);
    if (question.csv === undefined || !isCsv) return sendJson(response, Object(answer));
    const name = question.csvName?.(asked, answer) ?? (Object.values(path).join('-') || question.id);
    await sendText(response.attachment(`${name}.csv`).type('text/csv'), question.csv(asked, answer));
  };

/** It may be used again without asking, by whoever it is for alone. */
function sendKept(response: Response, { seconds, body }: { readonly seconds: number; readonly body: object }): Promise<void> {
  response.set('Cache-Control', `private, max-age=${seconds}`);
  return sendJson(response, body);
}

/** RFC 8288: also for answers that are a table and nothing else. */
function linkToNext({ originalUrl }: Request<Record<string, string>>, response: Response, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('next' in answer) || typeof answer.next !== 'string') return;
  const next = queryOf(originalUrl);
  next.set('cursor', answer.next);
  response.set('Link', `<${originalUrl.split('?', 1)[0]}?${next}>; rel="next"`);
}

interface Read {
  readonly path: Readonly<Record<string, string>>;
  readonly isCsv: boolean;
}

const CSV = /\.csv$/;

/** Comma-separated values are asked for with format=csv, with the header Accept, or with the ending .csv of a path that ends in a name. */
function read({ csv, path }: Question, request: Request<Record<string, string>>, parameters: URLSearchParams): Read {
  const values = { ...request.params };
  if (csv === undefined) return { path: values, isCsv: false };
  const last = /\{(\w+)\}$/.exec(path)?.[1];
  const name = last === undefined ? undefined : values[last];
  if (last !== undefined && name !== undefined && CSV.test(name)) return { path: { ...values, [last]: name.replace(CSV, '') }, isCsv: true };
  return { path: values, isCsv: (parameters.get('format') ?? preferred(request)) === 'csv' };
}

const preferred = (request: Pick<Request, 'accepts'>): string => (request.accepts(['application/json', 'text/csv']) === 'text/csv' ? 'csv' : 'json');
