/** Boards and panels over REST. */

import type { RequestHandler } from 'express';
import { BOARDS } from '../../dashboards/boards/index.ts';
import type { Board } from '../catalog/panel.ts';
import { LedgerlineError } from '../core/error.ts';
import { answerBoard, answerPanel, type BoardContext, type BoardList, findPanel, parseBoardQuery, readBoards } from '../query/boards/answer.ts';
import { panelCsv } from '../query/boards/csv.ts';
import { readParameters, readWord, TIME_RANGE_PARAMETERS } from '../query/parameters.ts';
import { sendJson } from './large-answer.ts';

export const boardList: RequestHandler = (request, response) => {
  readParameters(request.originalUrl, []);
  response.json({ boards: BOARDS.map(({ id, title, description }) => ({ id, title, description })) } satisfies BoardList);
};

export function boardById(context: BoardContext): RequestHandler<{ id: string }> {
  const boards = readBoards(context);
  return async (request, response) => {
    const board = findBoard(request.params.id);
    await sendJson(response, await answerBoard(board, parseBoardQuery(request, context), boards));
  };
}

/** One panel: as JSON, or as CSV with format=csv or under the name {panel}.csv. */
export function panelById(context: BoardContext): RequestHandler<{ id: string; panel: string }> {
  const boards = readBoards(context);
  return async (request, response) => {
    const board = findBoard(request.params.id);
    const name = request.params.panel.replace(/\.csv$/, '');
    const panel = findPanel(board, name);
    const asked = parseBoardQuery(request, context, ['format']);
    const format = readWord(readParameters(request.originalUrl, [...TIME_RANGE_PARAMETERS, 'format'], ['where']), 'format', FORMATS, 'json');
    const answer = await answerPanel(board, panel, asked, boards);
    if (format === 'json' && name === request.params.panel) await sendJson(response, answer);
    else response.attachment(`${board.id}-${name}.csv`).type('text/csv').send(panelCsv(answer.data));
  };
}

export const FORMATS = ['json', 'csv'] as const;

export function findBoard(id: string): Board {
  const board = BOARDS.find((candidate) => candidate.id === id);
  if (board !== undefined) return board;
  throw new LedgerlineError('not_found', `There is no board ${id.slice(0, 80)}.`, { hint: `Boards: ${BOARDS.map((known) => known.id).join(', ')}.` });
}
