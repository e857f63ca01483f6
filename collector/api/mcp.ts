/** POST /mcp: the Model Context Protocol over HTTP, without a state between two requests. Only reads, whatever is sent. */
import type { Request as ExpressRequest, RequestHandler } from 'express';
import type { Log } from '../catalog/log-codes.ts';
import { ROUTES } from '../catalog/names.ts';
import { LedgerlineError } from '../core/error.ts';
import { MY_BUDGET } from '../query/my-budget.ts';
import type { Question } from '../query/question.ts';
import { foreignOrigin } from './access.ts';
import { readBody } from './json-body.ts';
import type { AskingOf } from './questions.ts';

/** What the protocol says in headers; the others are none of its business. */
const HEADERS = ['accept', 'content-type', 'mcp-protocol-version', 'mcp-session-id', 'mcp-method', 'mcp-name'];

/** Those of all answers of this API. */
const OWN_HEADERS = ['cache-control', 'connection'];

type AnyRequest = Pick<ExpressRequest, 'get' | 'headers'>;

export const mcp =
  (askingOf: AskingOf, log: Log): RequestHandler<Record<string, string>> =>
  async (request, response) => {
    assertOwnOrigin(request);
    // Whoever may ask the least is let in, and is offered that. Proved once, not for each question.
    askingOf(request, MY_BUDGET);
    const mayRead = allows(() => askingOf(request, {}));
    const mayAsk = ({ access = 'read' }: Question): boolean => access === 'own' || mayRead;
    const body = await readBody(request);
    // Most collectors are never asked by a model: the protocol's library is loaded for the first that is.
    const { answerMcp } = await import('../mcp/mcp.ts');
    const answer = await answerMcp(new Request(`http://localhost${ROUTES.mcp}`, { method: 'POST', headers: headersOf(request), body }), {
      ask: async (question, given) => (await question.respond(given, askingOf(request, question))).answer,
      mayAsk,
      failed: (error) => log('request_failed', error.message, { error, fields: { path: ROUTES.mcp } }),
    });
    response.status(answer.status);
    for (const [name, value] of answer.headers) if (!OWN_HEADERS.includes(name)) response.set(name, value);
    response.end(answer.body);
  };

function allows(asking: () => unknown): boolean {
  try {
    asking();
    return true;
  } catch {
    return false;
  }
}

const headersOf = (request: AnyRequest): Record<string, string> =>
  Object.fromEntries(
    HEADERS.flatMap((name) => {
      const value = request.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** A browser names the page that asks: only one of this very host may. The host itself was checked before. */
function assertOwnOrigin(request: AnyRequest): void {
  const origin = foreignOrigin(request);
  if (origin === undefined) return;
  throw new LedgerlineError('forbidden', `A page from ${origin.slice(0, 80)} may not use MCP.`, {
    hint: 'Connect from a program, such as Claude Code, that sends no header Origin.',
  });
}
