/**
 * Panels over figures of the ledger. Each function is one kind of panel; a board calls it with what differs. The description is put
 * together from the figure's own definition in the catalog, so that a figure means the same wherever it is shown.
 */
import { figureText, figureWords } from '../../collector/catalog/figure-titles.ts';
import { DERIVED, type FigureName, figureUnit, isDerived, isPercentile } from '../../collector/catalog/figures.ts';
import type { DimensionName } from '../../collector/catalog/measures.ts';
import type { Fixed, LedgerQuery, Panel, Thresholds, Window } from '../../collector/catalog/panel.ts';
import { comparedText, dimensionWords, inWindow, kebab, windowText, windowTitle } from '../../collector/catalog/titles.ts';

/** What every kind of panel may say for itself. */
export interface Common {
  /** Default: made of the figure, the dimension and the window. */
  readonly id?: string;
  readonly title?: string;
  /** Added to the description: what the figure does not count, or what to do about it. */
  readonly note?: string;
  readonly where?: readonly Fixed[];
  readonly thresholds?: Thresholds;
  readonly empty?: string;
  readonly opens?: string;
  readonly width: number;
  readonly height?: number;
}

const describe = (...sentences: readonly (string | undefined)[]): string => sentences.filter(Boolean).join(' ');

function panelOf(query: LedgerQuery, shown: Pick<Panel, 'id' | 'title' | 'visualization' | 'height'>, description: string, common: Common): Panel {
  const [figure = 'cost'] = query.figures;
  const { thresholds, empty, opens, where } = common;
  return {
    ...shown,
    id: common.id ?? shown.id,
    title: common.title ?? shown.title,
    height: common.height ?? shown.height,
    description: describe(description, common.note),
    unit: figureUnit(figure),
    width: common.width,
    query: where === undefined ? query : { ...query, where },
    ...(thresholds !== undefined && { thresholds }),
    ...(empty !== undefined && { empty }),
    ...(opens !== undefined && { opens }),
  };
}

/** Why a ratio has no figure: there is nothing to divide by. */
const NOTHING_OF: Readonly<Partial<Record<FigureName, string>>> = {
  cost_per_commit: 'No commits.',
  cost_per_pull_request: 'No pull requests.',
  cost_per_line_added: 'No lines added.',
  cost_per_prompt: 'No prompts.',
  cost_per_session: 'No sessions.',
  requests_per_session: 'No sessions.',
  prompts_per_session: 'No sessions.',
  tokens_per_session: 'No sessions.',
  accept_ratio: 'No edits.',
  cli_time_ratio: 'No active time.',
  tool_failure_ratio: 'No tool calls.',
  cache_hit_ratio: 'No tokens.',
  cost_per_million_tokens: 'No tokens.',
  cache_write_1h_share: 'No cache writes.',
};

export const stat = (figure: FigureName, window: Window, common: Common): Panel =>
  panelOf(
    { source: 'ledger', figures: [figure], by: [], window },
    { id: kebab(figure, window), title: inWindow(figureWords(figure), window), visualization: 'stat', height: 4 },
    describe(figureText(figure), windowText(window)),
    { ...(NOTHING_OF[figure] !== undefined && { empty: NOTHING_OF[figure] }), ...common },
  );

/** How much of the cost has no known value of the dimension. */
export const absentShare = (dimension: DimensionName, window: Window, common: Common): Panel => ({
  ...panelOf(
    { source: 'ledger', figures: ['cost'], by: [dimension], window, summary: 'absent_share' },
    {
      id: kebab('without', dimension, window),
      title: inWindow(`Spend without a ${dimensionWords(dimension)}`, window),
      visualization: 'stat',
      height: 4,
    },
    describe(
      `Share of booked cost for which no ${dimensionWords(dimension)} is known. ${windowText(window)}`,
      `Set it in the directory file, the token or the client's settings.`,
    ),
    // A tenth without an owner is worth mending; a third is no basis for a decision.
    { thresholds: [0.1, 0.33], ...common },
  ),
  unit: 'ratio',
});

export const activePeople = (window: Window, common: Common): Panel => ({
  ...panelOf(
    { source: 'ledger', figures: ['cost'], by: ['user'], window, summary: 'distinct' },
    { id: kebab('active-people', window), title: inWindow('Active users', window), visualization: 'stat', height: 4 },
    `Users with booked cost. ${windowText(window)} Cost without a known user is left out.`,
    common,
  ),
  unit: 'count',
});

export const activePeoplePerDay = (common: Common): Panel => ({
  ...panelOf(
    { source: 'ledger', figures: ['cost'], by: ['user'], window: 'range', grain: 'day', summary: 'distinct' },
    { id: 'active-people-per-day', title: 'Active users per day', visualization: 'timeseries', height: 9 },
    'Users with booked cost on each day. Cost without a known user is left out.',
    common,
  ),
  unit: 'count',
});

export interface Bars extends Common {
  readonly figure?: FigureName;
  readonly by: DimensionName;
  readonly window?: Window;
  /** The largest N; all others in one row. */
  readonly top?: number;
}

export function bars({ figure = 'cost', by, window = 'range', top = 15, ...common }: Bars): Panel {
  return panelOf(
    { source: 'ledger', figures: [figure], by: [by], window, top },
    {
      id: kebab(figure, 'by', by),
      title: `${inWindow(figureWords(figure), window)} by ${dimensionWords(by)}`,
      visualization: 'bars',
      height: 9,
    },
    describe(figureText(figure), windowText(window), `The ${top} largest${isRatio(figure) ? '' : '; all others in one row'}.`),
    common,
  );
}

/** Figures beside each other, each a bar. */
export const barsOf = (figures: readonly FigureName[], window: Window, common: Common & { readonly id: string; readonly title: string }): Panel =>
  panelOf(
    { source: 'ledger', figures, by: [], window },
    { id: common.id, title: common.title, visualization: 'bars', height: 9 },
    describe(...figures.map((name) => `${figureWords(name)}: ${figureText(name)}`), windowText(window)),
    common,
  );

const DAYS = 'Each bar is one day; the last is today so far. Grafana shows a day only if the collector was being scraped when it began.';

export function perDay({ figure = 'cost', by, top = 8, ...common }: Omit<Bars, 'window'>): Panel {
  return panelOf(
    { source: 'ledger', figures: [figure], by: [by], window: 'range', grain: 'day', top },
    {
      id: kebab(figure, 'per-day-by', by),
      title: `${figureWords(figure)} per day by ${dimensionWords(by)}`,
      visualization: 'timeseries',
      height: 9,
    },
    describe(figureText(figure), DAYS, `The ${top} largest of the time range; all others in one.`),
    common,
  );
}

/** Sums over time, stacked: each figure a series. */
export const perDayOf = (figures: readonly FigureName[], common: Common & { readonly id: string; readonly title: string }): Panel =>
  panelOf(
    { source: 'ledger', figures, by: [], window: 'range', grain: 'day' },
    { id: common.id, title: common.title, visualization: 'timeseries', height: 9 },
    describe(...figures.map((name) => `${figureWords(name)}: ${figureText(name)}`), DAYS),
    common,
  );

/** What does not add up, such as ratios, percentiles, and counts of different things, over time: each figure a line, one point for each day. */
export const linesOf = (figures: readonly FigureName[], common: Common & { readonly id: string; readonly title: string }): Panel =>
  panelOf(
    { source: 'ledger', figures, by: [], window: 'range', grain: 'day' },
    { id: common.id, title: common.title, visualization: 'lines', height: 9 },
    describe(...figures.map((name) => `${figureWords(name)}: ${figureText(name)}`), 'Each point is one day; a day without the figure has none.'),
    common,
  );

export interface Table extends Common {
  readonly id: string;
  readonly title: string;
  readonly figures: readonly FigureName[];
  readonly by: readonly DimensionName[];
  readonly window?: Window;
  readonly versus?: Window;
  readonly top?: number;
}

export function table({ figures, by, window = 'range', versus, top = 100, ...common }: Table): Panel {
  return panelOf(
    { source: 'ledger', figures, by, window, top, ...(versus !== undefined && { versus }) },
    { id: common.id, title: common.title, visualization: 'table', height: 10 },
    describe(
      ...figures.map((name) => `${figureWords(name)}: ${figureText(name)}`),
      windowText(window),
      versus && (versus === 'previous_range' ? comparedText : `Compared with: ${windowTitle(versus)}.`),
    ),
    common,
  );
}

/** Who spends more or less than in the time before. */
export const movers = (by: DimensionName, common: Common & { readonly title: string }): Panel =>
  table({ id: `movers-${by}`, figures: ['cost'], by: [by], versus: 'previous_range', ...common });

const isRatio = (figure: FigureName): boolean => isPercentile(figure) || (isDerived(figure) && 'over' in DERIVED[figure]);
