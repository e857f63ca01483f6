/** How much developers send, and what receivers and a database need for it. Figures of a day are assumptions; each says where it comes from. */

export interface Habits {
  /** Share of all developers who use Claude Code on a working day. Assumption: the mean of the demo's organization. */
  readonly activeShare: number;
  /** Of each of these. Assumption. */
  readonly sessionsADay: number;
  /** From a prompt to the end of its answer. Assumption. */
  readonly turnsASession: number;
  /** To the model, in a turn. Assumption; a captured turn with seven tools has seven (2.1.329/tools.http-json). */
  readonly requestsATurn: number;
  /** From one request to the next, with its tools. Assumption: in the captures the model is a stand-in, and answers at once. */
  readonly requestSeconds: number;
  /** The client's defaults: events leave 5 s after the first that waits, metrics every 60 s if there are any. */
  readonly eventsSeconds: number;
  readonly metricsSeconds: number;
  /** A request's `api_request`, `tool_decision` and `tool_result`: seven of each in 2.1.329/tools.http-json. */
  readonly eventsARequest: number;
  /** `user_prompt` and `assistant_response`, one of each in 2.1.329/basic.http-json. */
  readonly eventsATurn: number;
  /** `managed_settings_resolved` and three `plugin_loaded` in each capture of 2.1.329. */
  readonly eventsAStart: number;
  /** The captures of 2.1.329 and 2.1.332 have 6.6 on average: cost, four classes of tokens, time, lines. */
  readonly pointsAnExport: number;
  readonly workingDaysAMonth: number;
  /** Share of a day's turns in each hour of the clock, all developers in one time zone, which is the worst case. Assumption. */
  readonly day: readonly number[];
}

const NIGHT = [0, 0, 0, 0, 0, 0, 0, 0];
const WORKDAY = [0.05, 0.11, 0.13, 0.13, 0.07, 0.08, 0.12, 0.12, 0.1, 0.06, 0.02, 0.01];
const EVENING = [0, 0, 0, 0];

export const HABITS: Habits = {
  ...{ activeShare: 0.7, sessionsADay: 4, turnsASession: 6, requestsATurn: 10, requestSeconds: 10 },
  ...{ eventsSeconds: 5, metricsSeconds: 60, eventsARequest: 3, eventsATurn: 2, eventsAStart: 4, pointsAnExport: 6.6 },
  ...{ workingDaysAMonth: 21, day: [...NIGHT, ...WORKDAY, ...EVENING] },
};

export interface Turn {
  /** One 5 s after the prompt and one 5 s after each request, which its tools' results still catch. */
  readonly eventExports: number;
  /** A turn begins anywhere between two exports, so it touches one more interval than it fills. */
  readonly metricExports: number;
  readonly exports: number;
  readonly records: number;
}

/** What a turn sends, on average. */
export function turnOf(habits: Habits): Turn {
  const { requestsATurn, requestSeconds, eventsSeconds, metricsSeconds } = habits;
  const perExport = Math.max(1, eventsSeconds / requestSeconds);
  const eventExports = 1 + requestsATurn / perExport;
  const metricExports = 1 + (requestsATurn * requestSeconds) / metricsSeconds;
  const events = requestsATurn * habits.eventsARequest + habits.eventsATurn + habits.eventsAStart / habits.turnsASession;
  const records = events + metricExports * habits.pointsAnExport;
  return { eventExports, metricExports, exports: eventExports + metricExports, records };
}

export interface Demand {
  readonly exportsADay: number;
  /** At the busiest hour of a working day, as are the following. */
  readonly turnsASecond: number;
  readonly exportsASecond: number;
  readonly recordsASecond: number;
  readonly inTurnAtOnce: number;
}

export function demandOf(developers: number, habits: Habits = HABITS): Demand {
  const turn = turnOf(habits);
  const turnsADay = developers * habits.activeShare * habits.sessionsADay * habits.turnsASession;
  const turnsASecond = (turnsADay * Math.max(...habits.day)) / 3600;
  return {
    exportsADay: turnsADay * turn.exports,
    turnsASecond,
    exportsASecond: turnsASecond * turn.exports,
    recordsASecond: turnsASecond * turn.records,
    inTurnAtOnce: turnsASecond * habits.requestsATurn * habits.requestSeconds,
  };
}

/** For one export. */
export interface Cost {
  readonly receiverMs: number;
  readonly databaseMs: number;
  readonly diskBytes: number;
  readonly walBytes: number;
}

/** What an export costs depends on how many share a transaction, and so on the exports per second of each receiver. */
export interface Measured extends Cost {
  readonly rate: number;
}

export interface Need {
  readonly exportsASecond: number;
  readonly receivers: number;
  /** Busy at the busiest hour, those of all receivers. */
  readonly receiverCores: number;
  readonly databaseCores: number;
  readonly diskGbAMonth: number;
  readonly walGbAMonth: number;
}

const FEWEST_RECEIVERS = 2;
const MOST_OF_A_RECEIVER = 0.5;

/** Receivers that are given at most half of the highest rate that was measured, each export at the cost of the next lower measured rate. */
export function needOf(developers: number, measured: readonly [Measured, ...Measured[]], habits: Habits = HABITS): Need {
  const { exportsASecond, exportsADay } = demandOf(developers, habits);
  const [first, ...others] = measured.toSorted((a, b) => a.rate - b.rate);
  const slowest = first ?? measured[0];
  const most = (others.at(-1) ?? slowest).rate * MOST_OF_A_RECEIVER;
  const receivers = Math.max(FEWEST_RECEIVERS, Math.ceil(exportsASecond / most));
  const cost = others.findLast(({ rate }) => rate <= exportsASecond / receivers) ?? slowest;
  const exportsAMonth = exportsADay * habits.workingDaysAMonth;
  return {
    ...{ exportsASecond, receivers },
    receiverCores: (exportsASecond * cost.receiverMs) / 1000,
    databaseCores: (exportsASecond * cost.databaseMs) / 1000,
    diskGbAMonth: (exportsAMonth * cost.diskBytes) / 1e9,
    walGbAMonth: (exportsAMonth * cost.walBytes) / 1e9,
  };
}
