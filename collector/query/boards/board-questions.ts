/** Boards and their panels as questions. They are declared above this folder, so they are handed in. */
import { z } from 'zod';
import type { Board, Panel } from '../../catalog/panel.ts';
import type { AnswerOf } from '../answer-schemas.ts';
import { FORMAT_SHAPE, notFound, TIME_RANGE_SHAPES, WHERE_SHAPE } from '../parameters.ts';
import { type Question, question } from '../question.ts';
import {
  answerBoard,
  answerPanel,
  type BoardAnswer,
  boardAnswerSchema,
  boardsFor,
  findPanel,
  type PanelAnswer,
  panelAnswerSchema,
  parseBoardQuery,
  type Wanted,
} from './answer.ts';
import type { BoardQuery } from './board-query.ts';
import { panelCsv } from './csv.ts';
import { panelName } from './file-name.ts';
import { readTableRequest, tableShapes } from './table-request.ts';

const listSchema = z
  .object({ boards: z.array(z.object({ id: z.string(), title: z.string(), description: z.string() })).describe('In the order of the navigation.') })
  .meta({ id: 'Boards' });
type BoardList = AnswerOf<typeof listSchema>;

const idShape = (boards: readonly Board[]) => ({
  schema: z
    .string()
    .describe('Id of the board.')
    .meta({ examples: boards.slice(0, 1).map(({ id }) => id) }),
});

export const boardQuestions = (boards: readonly Board[]): readonly Question[] => [listOf(boards), boardOf(boards), panelOf(boards)];

const listOf = (boards: readonly Board[]) =>
  question<undefined, BoardList>({
    id: 'boards',
    path: '/boards',
    summary: 'The boards.',
    parameters: {},
    answer: listSchema,
    parse: () => undefined,
    ask: async () => ({ boards: boards.map(({ id, title, description }) => ({ id, title, description })) }),
  });

const boardOf = (boards: readonly Board[]) =>
  question<{ readonly board: Board; readonly query: BoardQuery }, BoardAnswer>({
    id: 'board',
    path: '/boards/{id}',
    summary: 'A board: its declaration and everything that it shows, about one state of the ledger.',
    description:
      'Without a time range it is about this month. Rows that are marked `now` show the present, whatever time range is asked for; all others follow it.',
    pathParameters: { id: idShape(boards) },
    parameters: { ...TIME_RANGE_SHAPES, where: WHERE_SHAPE },
    answer: boardAnswerSchema,
    parse: ({ path, parameters }, context) => ({ board: findBoard(path?.id ?? '', boards), query: parseBoardQuery(parameters, context) }),
    ask: ({ board, query }, asking) => answerBoard(board, query, boardsFor(asking)),
  });

const panelOf = (boards: readonly Board[]) =>
  question<{ readonly board: Board; readonly panel: Panel } & Wanted, PanelAnswer>({
    id: 'panel',
    path: '/boards/{id}/panels/{panel}',
    summary: 'One panel of a board.',
    description:
      'Ask for {panel}.csv, or with format=csv, to get its rows as comma-separated values. The rows of any panel can be searched, sorted and read page by page as a table; all pages are about the state of the ledger that the first one was, as long as they are read within minutes.',
    pathParameters: {
      id: idShape(boards),
      panel: {
        schema: z
          .string()
          .describe('Id of the panel.')
          .meta({ examples: boards.slice(0, 1).flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.map(({ id }) => id)).slice(0, 1)) }),
      },
    },
    parameters: {
      ...TIME_RANGE_SHAPES,
      where: WHERE_SHAPE,
      ...tableShapes(boards.slice(0, 1).flatMap(firstColumn)),
      format: FORMAT_SHAPE,
    },
    answer: panelAnswerSchema,
    parse: ({ path, parameters }, context) => {
      const board = findBoard(path?.id ?? '', boards);
      const panel = findPanel(board, path?.panel ?? '');
      const table = readTableRequest(parameters, `${board.id}/${panel.id}`, context.nowMs);
      const nowMs = table?.position?.nowMs ?? context.nowMs;
      return { board, panel, table, query: parseBoardQuery(parameters, { ...context, nowMs }), parameters };
    },
    ask: ({ board, panel, ...wanted }, asking) => answerPanel(board, panel, wanted, boardsFor(asking)),
    csv: (_, { data }) => panelCsv(data),
    csvName: ({ board, query }, { panel }) => panelName(board.id, panel, query),
  });

/** The figure of the panel that is the example, as a column. */
function firstColumn({ rows }: Board): readonly string[] {
  const query = rows[0]?.panels[0]?.query;
  if (query?.source === 'ledger') return query.figures.slice(0, 1);
  return query?.source === 'gauge' ? query.gauges.slice(0, 1) : [];
}

function findBoard(id: string, boards: readonly Board[]): Board {
  const board = boards.find((candidate) => candidate.id === id);
  if (board !== undefined) return board;
  const known = boards.map((one) => one.id);
  throw notFound('id', id, known, `There is no board ${id.slice(0, 80)}.`, `Boards: ${known.join(', ')}.`);
}
