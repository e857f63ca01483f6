/** Marks which stand-ins are covered (stand-ins.ts), and says what of their sessions has to be booked again: few transactions have any. */
import { inTimeOrder } from './booking.ts';
import type { StandInOutcome } from './entry.ts';
import type { HistoryItem } from './history.ts';
import { estimateOf } from './increments.ts';
import { ask, type Plan } from './plan.ts';
import type { Addition, PoolChange } from './pool-booking.ts';
import { NO_COMPANY } from './pools.ts';
import type { SessionState } from './session-memory.ts';
import { areAlike, coveredAmong, knownBefore, type Marked, type RequestItem } from './stand-ins.ts';
import type { CoverMark, IncomingEntry, Place } from './tables.ts';

export interface Coverage {
  /** Without what is covered. A session that changes is among them, with or without anything new. */
  readonly additions: readonly Addition[];
  /** What is new and covered. */
  readonly covered: readonly Addition[];
  /** By the number of the session. */
  readonly marked: ReadonlyMap<number, Marked>;
  /** What is not covered any more, which may be of another place than all that counted so far. By the number of the session. */
  readonly given: ReadonlyMap<number, readonly HistoryItem[]>;
}

export function* coverStandIns(additions: readonly Addition[]): Plan<Coverage> {
  const concerned = additions.filter(({ state, fresh }) => fresh.some((entry) => canChange(entry, state)));
  if (concerned.length === 0) return { additions, covered: [], marked: new Map(), given: new Map() };
  const touched = yield* touchedAmong(concerned);
  const requests = touched.length === 0 ? NO_REQUESTS : yield* ask((tables) => tables.requests(touched.map(({ state }) => state.session)));
  const marks: CoverMark[] = [];
  const coveredOf = new Map<SessionState, ReadonlySet<string>>();
  for (const { state } of touched) {
    const items = requests.get(state.session) ?? [];
    const covered = coveredAmong(items);
    coveredOf.set(state, covered);
    for (const item of items)
      if (isToMark(item, covered)) marks.push({ session: state.session, identity: item.identity, isCovered: !item.isCovered });
  }
  const items = marks.length === 0 ? new Map<number, readonly HistoryItem[]>() : yield* ask((tables) => tables.cover(marks));
  return settle(additions, coveredOf, items);
}

const NO_REQUESTS: ReadonlyMap<number, readonly RequestItem[]> = new Map();

/** Those in which anything new is about the request of a stand-in: a session may be long, and what its client goes on with is mostly about none. */
function* touchedAmong(concerned: readonly Addition[]): Plan<readonly Addition[]> {
  const there = yield* ask((tables) => tables.standIns(concerned.map(({ state }) => state.session)));
  return concerned.filter(({ state, fresh }) => {
    const requests = there.get(state.session);
    state.hasStandIns = requests !== undefined;
    if (requests === undefined) return false;
    const others = fresh.flatMap(({ request }) => request ?? []);
    return fresh.some(({ isStandIn }) => isStandIn === true) || areAlike(requests, others);
  });
}

const canChange = ({ isStandIn, isSetAside, request }: IncomingEntry, { hasStandIns }: SessionState): boolean =>
  request !== undefined && isSetAside !== true && (isStandIn === true || hasStandIns !== false);

const isToMark = ({ identity, isStandIn, isCovered }: RequestItem, covered: ReadonlySet<string>): boolean =>
  isStandIn && covered.has(identity) !== isCovered;

function settle(
  additions: readonly Addition[],
  coveredOf: ReadonlyMap<SessionState, ReadonlySet<string>>,
  items: ReadonlyMap<number, readonly HistoryItem[]>,
): Coverage {
  const marked = new Map<number, Marked>();
  const given = new Map<number, readonly HistoryItem[]>();
  const covered: Addition[] = [];
  const left = additions.flatMap(({ state, fresh }): Addition[] => {
    const gone = coveredOf.get(state);
    if (gone === undefined) return [{ state, fresh }];
    const own = fresh.filter(({ identity }) => gone.has(identity));
    if (own.length > 0) covered.push({ state, fresh: own });
    const isOwn = new Set(own.map(({ identity }) => identity));
    const changed = (items.get(state.session) ?? []).filter(({ identity }) => !isOwn.has(identity));
    // A session that is made begins and ends with the first entry that came of it.
    const isEnd = gone.has(state.first.identity) || gone.has(state.last.identity);
    if (changed.length > 0 || isEnd) {
      const isGone = ({ identity }: HistoryItem): boolean => gone.has(identity);
      const back = changed.filter((item) => !isGone(item));
      given.set(state.session, back);
      marked.set(state.session, { taken: changed.filter(isGone), given: new Set(back.map(({ identity }) => identity)) });
    }
    const rest = own.length === 0 ? fresh : fresh.filter(({ identity }) => !isOwn.has(identity));
    return rest.length > 0 || changed.length > 0 || isEnd ? [{ state, fresh: rest }] : [];
  });
  return { additions: left, covered, marked, given };
}

/** How these sessions were booked and how they are now, as a whole. */
export function* rebookMarked(additions: readonly Addition[], marked: Coverage['marked']): Plan<ReadonlyMap<number, PoolChange>> {
  const changes = new Map<number, PoolChange>();
  if (marked.size === 0) return changes;
  const sessions = [...marked.keys()];
  const histories = new Map<number, readonly HistoryItem[]>();
  yield* ask((tables) => tables.histories(sessions, (session, history) => histories.set(session, history)));
  const aside = yield* ask((tables) => tables.setAside(sessions));
  const adjustments = yield* ask((tables) => tables.adjustments(sessions));
  for (const { state, fresh } of additions) {
    const marks = marked.get(state.session);
    if (marks === undefined) continue;
    const history = histories.get(state.session) ?? [];
    countHeldBack(state, history, marks);
    const ends = endsOf(state, [...history, ...(aside.get(state.session) ?? [])], adjustments.get(state.session));
    changes.set(state.session, { history, known: knownBefore(history, fresh, marks), before: NO_COMPANY, after: NO_COMPANY, ...(ends && { ends }) });
  }
  return changes;
}

/** An entry that is held back says so also while it is covered. */
function countHeldBack(state: SessionState, history: readonly HistoryItem[], { taken, given }: Marked): void {
  const isHeldBack = ({ heldBack }: HistoryItem): boolean => heldBack !== undefined;
  state.heldBackEntries += history.filter((item) => given.has(item.identity) && isHeldBack(item)).length - taken.filter(isHeldBack).length;
}

interface Ends {
  readonly first: Place;
  readonly last: Place;
}

/** Undefined where some of it was removed: what is left does not say where the session began. Adjustments may end one (markEnds). */
function endsOf({ removedBeforeMs }: SessionState, items: readonly HistoryItem[], adjustments: readonly HistoryItem[] = []): Ends | undefined {
  const [first] = items.toSorted(inTimeOrder);
  const last = [...items, ...adjustments].toSorted(inTimeOrder).at(-1);
  return removedBeforeMs > 0 || first === undefined || last === undefined ? undefined : { first, last };
}

/** What became of new stand-ins. */
export function standInOutcome(fresh: readonly IncomingEntry[], covered: ReadonlySet<IncomingEntry>): StandInOutcome {
  const [own, others] = [fresh.filter((entry) => covered.has(entry)), fresh.filter((entry) => !covered.has(entry))];
  return { covered: own.length, coveredCost: costOf(own), booked: others.length, bookedCost: costOf(others) };
}

const costOf = (entries: readonly IncomingEntry[]): bigint => entries.reduce((sum, entry) => sum + entry.cost + estimateOf(entry), 0n);
