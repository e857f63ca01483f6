/**
 * GET /api/v1/boards/{id}: a board's declaration with everything it shows, in one answer. The page needs one round
 * trip before it draws; panels one by one would share the same thread and wait for each other anyway.
 */
import { z } from 'zod';
import { GAUGES, type GaugeDeclaration } from '../../catalog/gauges.ts';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Annotation, Board, Panel } from '../../catalog/panel.ts';
import type { RefusalTotal } from '../../catalog/refusals.ts';
import { showValue } from '../../catalog/values.ts';
import type { Finding } from '../../core/finding.ts';
import { periodAround } from '../../core/time-range.ts';
import { turnWhileWanted } from '../../core/wanted.ts';
import type { LedgerReader, LedgerStatus } from '../../ledger/ledger.ts';
import { type AnswerOf, ageSchema, findingSchema, hintsSchema, instantSchema } from '../answer-schemas.ts';
import { nextSchema } from '../cursor.ts';
import { diagnose } from '../diagnosis.ts';
import { GaugeCache } from '../gauges/cache.ts';
import { knownFilters } from '../known-values.ts';
import { hasTimeRange, notFound, type Parameters, readCalendar, readTimeRange, readWhere } from '../parameters.ts';
import type { Asking, ParseContext } from '../question.ts';
import { renderInstant } from '../render.ts';
import { ledgerIdentity } from '../scoped-reader.ts';
import { setAsideFindings } from '../set-aside.ts';
import { SENDERS_MS } from '../status.ts';
import { unreconciledFindings } from '../unreconciled.ts';
import { type AnswerSource, BoardAnswers, type Plan } from './board-answers.ts';
import { BoardQuery } from './board-query.ts';
import { boardSchema, panelSchema } from './board-schemas.ts';
import { BudgetMemory } from './budget-memory.ts';
import { coverageOf, coverageQuestions, coverageSchema } from './coverage.ts';
import { evaluatePanel } from './evaluate.ts';
import { type AnnotationData, annotationDataSchema, type PanelData, panelDataSchema } from './panel-data.ts';
import { firstRows, stateOf, tableAsked, tableKept } from './panel-table.ts';
import { planAfter, planOf, together } from './plan.ts';
import { createTableMemory, type TableMemory } from './table-memory.ts';
import type { TableRequest } from './table-request.ts';
import { asTable, withAllRows } from './whole-table.ts';

/** What boards read beside the ledger. */
type BoardContext = Pick<Asking, 'reader' | 'scope' | 'config' | 'now' | 'prices' | 'budgets' | 'selfText' | 'refusals'>;

export const panelsOf = (board: Board): readonly Panel[] => board.rows.flatMap((row) => row.panels);

export function findPanel(board: Board, id: string): Panel {
  const panel = panelsOf(board).find((candidate) => candidate.id === id);
  if (panel !== undefined) return panel;
  const known = panelsOf(board).map((one) => one.id);
  throw notFound('panel', id, known, `Board ${board.id} has no panel ${id.slice(0, 80)}.`, `Panels: ${known.join(', ')}.`);
}

type ReadBoards = Pick<AnswerSource, 'gauges'> & { readonly tables: TableMemory; readonly budgetMemory: BudgetMemory } & BoardContext;

/** What boards and panels read beside the ledger, kept between them: costly gauges, for each scope its own. */
export const boardsFor = (asking: Asking): ReadBoards => ({
  ...asking,
  gauges: gaugesOf.getOrInsertComputed(ledgerIdentity(asking.reader), () => new GaugeCache(() => performance.now())),
  tables: tablesOf.getOrInsertComputed(ledgerIdentity(asking.reader), createTableMemory),
  budgetMemory: budgetsOf.getOrInsertComputed(ledgerIdentity(asking.reader), () => new BudgetMemory()),
});
const gaugesOf = new WeakMap<object, GaugeCache>();
const tablesOf = new WeakMap<object, TableMemory>();
const budgetsOf = new WeakMap<object, BudgetMemory>();

/** Names were erased: what is remembered may still have them. */
export function forgetTables(reader: LedgerReader): void {
  tablesOf.get(ledgerIdentity(reader))?.clear();
  budgetsOf.get(ledgerIdentity(reader))?.clear();
}

/** The parameters of a board or a panel. */
export function parseBoardQuery(parameters: Parameters, { config, nowMs }: ParseContext): BoardQuery {
  const calendar = readCalendar(parameters, config);
  // Without a choice the board is about the running month, like its headline.
  const timeRange = hasTimeRange(parameters) ? readTimeRange(parameters, calendar, nowMs) : periodAround('month', nowMs, calendar);
  return new BoardQuery({ timeRange, where: readWhere(parameters), calendar, nowMs, rowsMax: config.limits.query_rows });
}

/** Reads everything that these panels need, and what is needed beside them. */
export async function readPanels(panels: readonly Panel[], asked: BoardQuery, source: AnswerSource, more?: Plan): Promise<BoardAnswers> {
  const answers = new BoardAnswers(asked, source);
  await answers.read(together([...panels.map((panel) => planOf(panel, asked)), ...(more === undefined ? [] : [more])]));
  await answers.read(together(panels.map((panel) => planAfter(panel, answers))));
  return answers;
}

/** What panels are answered from beside the ledger. */
async function besideLedger(panels: readonly Panel[], boards: ReadBoards): Promise<Omit<AnswerSource, 'reader'>> {
  const { config, scope, prices, budgets, gauges, budgetMemory } = boards;
  const selfText = scope === 'all' && panels.some(({ query }) => query.source === 'self') ? await boards.selfText() : '';
  // Before the budgets: what is remembered under a revision is never older than it.
  const budgetsKnown = { memory: budgetMemory, revision: await budgets.revision() };
  return { scope, config, prices, budgets: await budgets.budgets(config.budgets), gauges, budgetsKnown, selfText };
}

/** Instants of the time picked that the board marks on its time axes. */
function marksOf({ id, title, gauge, labels }: Annotation, answers: BoardAnswers): AnnotationData {
  const names: GaugeDeclaration['labels'] = GAUGES[gauge].labels;
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY } = answers.asked.timeRange;
  const marks = answers
    .gauge(gauge)
    .filter(({ value }) => value * 1000 >= fromMs && value * 1000 < toMs)
    .map((sample) => ({ at: sample.value, text: labels.map((label) => sample.labels[names.indexOf(label)] ?? '').join(': ') }));
  return { id, title, marks: marks.sort((a, b) => a.at - b.at) };
}

/** What was asked, so that the page can show it without parsing the words itself. */
const renderAsked = ({ timeRange, calendar, nowMs, where }: BoardQuery): Asked => ({
  from: renderInstant(timeRange.fromMs),
  to: renderInstant(timeRange.toMs),
  time_zone: calendar.timeZone,
  now: renderInstant(nowMs),
  where: where.flatMap(({ dimension, values }) => values.map((value) => ({ dimension, value: showValue(dimension, value) }))),
});

const askedSchema = z
  .object({
    from: instantSchema.nullable(),
    to: instantSchema.nullable(),
    time_zone: z.string(),
    now: instantSchema.nullable(),
    where: z.array(z.object({ dimension: z.enum(DIMENSION_NAMES), value: z.string() })),
  })
  .describe('What was asked for, read.');
export type Asked = AnswerOf<typeof askedSchema>;

const about = {
  asked: askedSchema,
  hints: hintsSchema,
  as_of: ageSchema.as_of,
};

export const boardAnswerSchema = z
  .object({
    board: boardSchema,
    ...about,
    panels: z.record(z.string(), panelDataSchema).describe('By the id of the panel.'),
    annotations: z.array(annotationDataSchema).describe('Instants of the time range to mark on time axes.'),
    coverage: coverageSchema,
    findings: z.array(findingSchema).nullable().describe('About the whole ledger: null for those who see part of it.'),
    is_empty: z.boolean().describe('Has nothing ever been booked?'),
    receiver: z
      .object({ http_port: z.number().int(), is_tls: z.boolean(), needs_token: z.boolean() })
      .describe('Where clients send, for the settings that the page shows to newcomers.'),
  })
  .meta({ id: 'BoardAnswer' });
export type BoardAnswer = AnswerOf<typeof boardAnswerSchema>;

export const panelAnswerSchema = z.object({ panel: panelSchema, ...about, data: panelDataSchema, next: nextSchema }).meta({ id: 'PanelAnswer' });
export type PanelAnswer = AnswerOf<typeof panelAnswerSchema>;

/** A panel as it was asked for. */
export interface Wanted {
  readonly query: BoardQuery;
  readonly parameters: Parameters;
  /** Undefined: as it is drawn. */
  readonly table: TableRequest | undefined;
}

export async function answerPanel(board: Board, panel: Panel, { query: typed, parameters, table }: Wanted, boards: ReadBoards): Promise<PanelAnswer> {
  const { where, hints } = await knownFilters(typed.where, boards.reader);
  const asked = typed.filteredBy(where);
  const shown = table === undefined ? withAllRows(panel) : asTable(panel);
  const beside = await besideLedger([panel], boards);
  const path = `${board.id}/${panel.id}`;
  return boards.reader.snapshot(async (reader) => {
    const status = await reader.status();
    const context = { asked, scope: boards.scope, parameters, memory: boards.tables, state: table?.position?.state ?? stateOf(status) };
    const about = { panel, asked: renderAsked(asked), hints, as_of: renderInstant(status.asOfMs) };
    const kept = table === undefined ? undefined : tableKept(path, table, context);
    if (kept !== undefined) return { ...about, data: { id: panel.id, title: panel.title, table: kept.table }, next: kept.next };
    const data = evaluatePanel(shown, board.id, await readPanels([shown], asked, { ...beside, reader }));
    if (table === undefined || data.table === undefined) return { ...about, data, next: null };
    const page = tableAsked(data.table, path, table, { ...context, state: stateOf(status) });
    return { ...about, data: { ...data, table: page.table }, next: page.next };
  });
}

/** All panels are about one state of the ledger. */
export async function answerBoard(board: Board, typed: BoardQuery, boards: ReadBoards): Promise<BoardAnswer> {
  const { where, hints } = await knownFilters(typed.where, boards.reader);
  const asked = typed.filteredBy(where);
  const beside = await besideLedger(panelsOf(board), boards);
  const refusals = await boards.refusals();
  return boards.reader.snapshot(async (reader) => ({ ...(await answerAt(board, asked, { ...beside, reader }, refusals)), hints }));
}

/** Of a large ledger a board takes seconds: whoever asks for something smaller is answered between two of its parts. */
async function answerAt(
  board: Board,
  asked: BoardQuery,
  source: AnswerSource,
  refusals: readonly RefusalTotal[],
): Promise<Omit<BoardAnswer, 'hints'>> {
  const { reader } = source;
  const { server, auth } = source.config;
  const status = await reader.status();
  const annotations = board.annotations ?? [];
  const gauges = annotations.map(({ gauge }) => ({ name: gauge, atMs: asked.nowMs }));
  const shown = panelsOf(board).map(withAllRows);
  const answers = await readPanels(shown, asked, source, { questions: coverageQuestions(asked), gauges });
  const panels: Record<string, PanelData> = {};
  for (const panel of shown) {
    panels[panel.id] = firstRows(evaluatePanel(panel, board.id, answers));
    await turnWhileWanted();
  }
  return {
    board,
    asked: renderAsked(asked),
    panels,
    annotations: annotations.map((annotation) => marksOf(annotation, answers)),
    coverage: coverageOf(answers),
    findings: source.scope === 'all' ? await findingsAt(status, source, refusals, asked.nowMs) : null,
    as_of: renderInstant(status.asOfMs),
    is_empty: status.asOfMs === undefined,
    receiver: { http_port: server.otlp_http_port, is_tls: server.tls !== undefined, needs_token: auth.tokens.length > 0 },
  };
}

async function findingsAt(
  status: LedgerStatus,
  { reader }: Pick<AnswerSource, 'reader'>,
  refusals: readonly RefusalTotal[],
  nowMs: number,
): Promise<readonly Finding[]> {
  const more = [...(await unreconciledFindings(reader)), ...(await setAsideFindings(reader))];
  return diagnose(status, await reader.senders(nowMs - SENDERS_MS), nowMs, { refusals, more });
}
