/** Boards and panels over REST: one board at a time, the newest question first. */

import type { RequestHandler } from 'express';
import { BOARDS } from '../../dashboards/boards/index.ts';
import type { Board } from '../catalog/panel.ts';
import { LedgerlineError } from '../core/error.ts';
import {
  answerBoard,
  askFor,
  type BoardContext,
  type BoardList,
  boardFor,
  findPanel,
  followReader,
  type PanelAnswer,
  panelsOf,
  renderAsk,
} from '../query/boards/answer.ts';
import { panelCsv } from '../query/boards/csv.ts';
import { evaluatePanel } from '../query/boards/evaluate.ts';
import { readParameters, readWord, SPAN_PARAMETERS } from '../query/parameters.ts';
import { renderInstant } from '../query/render.ts';

export const boardList: RequestHandler = (request, response) => {
  readParameters(request.originalUrl, []);
  response.json({ boards: BOARDS.map(({ id, title, description }) => ({ id, title, description })) } satisfies BoardList);
};

export function boardById(context: BoardContext): RequestHandler<{ id: string }> {
  const read = askFor(context);
  const inTurn = createQueue();
  return async (request, response) => {
    const declared = findBoard(request.params.id);
    const ask = await read(request, panelsOf(declared));
    const answer = await inTurn(async () => {
      // All panels are about one state of the ledger.
      const release = context.reader.hold();
      try {
        return await answerBoard(boardFor(declared, ask), ask, context);
      } finally {
        release();
      }
    });
    response.json(answer);
  };
}

/** One after the other: a board holds the ledger at one state, which no other board may let go meanwhile. */
export function createQueue(): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

/** One panel: as JSON, or as CSV with format=csv or under the name {panel}.csv. */
export function panelById(context: BoardContext): RequestHandler<{ id: string; panel: string }> {
  const read = askFor(context);
  return async (request, response) => {
    const board = findBoard(request.params.id);
    const name = request.params.panel.replace(/\.csv$/, '');
    const declared = findPanel(board, name);
    const ask = await read(request, [declared], ['format']);
    const format = readWord(readParameters(request.originalUrl, [...SPAN_PARAMETERS, 'format'], ['where']), 'format', FORMATS, 'json');
    const panel = followReader(declared, ask);
    const data = evaluatePanel(panel, board.id, ask);
    if (format === 'csv' || name !== request.params.panel) response.attachment(`${board.id}-${name}.csv`).type('text/csv').send(panelCsv(data));
    else response.json({ panel, asked: renderAsk(ask), data, as_of: renderInstant(context.reader.status().asOfMs) } satisfies PanelAnswer);
  };
}

export const FORMATS = ['json', 'csv'] as const;

export function findBoard(id: string): Board {
  const board = BOARDS.find((candidate) => candidate.id === id);
  if (board !== undefined) return board;
  throw new LedgerlineError('not_found', `There is no board ${id.slice(0, 80)}.`, { hint: `Boards: ${BOARDS.map((known) => known.id).join(', ')}.` });
}
