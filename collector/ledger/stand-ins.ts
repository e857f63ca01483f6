/**
 * Stand-ins: requests that an import has from elsewhere (Entry.isStandIn). One counts as long as its session has no event of the same request,
 * whichever comes first; else it is covered: kept, so that it is recognized when it comes again, and no part of any history. Which are covered
 * depends only on which entries the session has. Why: docs/adr/0022-stand-ins.md.
 */
import { hash } from 'node:crypto';
import { framedKey } from '../core/framed.ts';
import { inTimeOrder } from './booking.ts';
import type { HistoryItem } from './history.ts';

const MARK = '~';
/** Follows the mark of what a request is billed for beside its own tokens: covered together with the request. */
const BESIDE = '+';
const IDENTITY_CHARACTERS = 16;

/** No record of telemetry has such an identity. `key`: the same wherever the request is found. */
export const standInIdentity = (key: string, isBeside = false): string =>
  (MARK + (isBeside ? BESIDE : '') + digestOf(key)).slice(0, IDENTITY_CHARACTERS);

/** All stand-ins of a session lie between these: from the first inclusive to the second exclusive. */
export const STAND_INS = [MARK, '\u007f'] as const;

const KEY_CHARACTERS = 8;
/** In the place of the id of a request that has none. */
const NO_ID = '-'.repeat(KEY_CHARACTERS);

const digestOf = (text: string): string => hash('sha256', text, 'base64url');

/** What of a request its event and its transcript report alike: of the answer's tokens, transcripts may have a placeholder. */
export interface RequestFacts {
  /** '' where it has none. */
  readonly id: string;
  readonly model: string;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
}

/** Entry.request: a digest of its id, then one of its model and its prompt's tokens. */
export function requestKey({ id, model, input, cacheRead, cacheCreation }: RequestFacts): string {
  const prompt = digestOf(framedKey([model, `${input} ${cacheRead} ${cacheCreation}`])).slice(0, KEY_CHARACTERS);
  return (id === '' ? NO_ID : requestIdKey(id)) + prompt;
}

/** Digest of a request's id, by which what two services say of it is matched. */
export const requestIdKey = (id: string): string => digestOf(id).slice(0, KEY_CHARACTERS);

/** That of an entry; undefined where its request has no id. */
export const idKeyIn = (request: string): string | undefined => (idIn(request) === NO_ID ? undefined : idIn(request));

const idIn = (request: string): string => request.slice(0, KEY_CHARACTERS);
const promptIn = (request: string): string => request.slice(KEY_CHARACTERS);
const hasId = ({ request }: RequestItem): boolean => idIn(request) !== NO_ID;

/** Can any of some requests be any of others, by id or by prompt? */
export function areAlike(some: readonly string[], others: readonly string[]): boolean {
  const ids = new Set(others.flatMap((request) => idKeyIn(request) ?? []));
  const prompts = new Set(others.map(promptIn));
  return some.some((request) => ids.has(idIn(request)) || prompts.has(promptIn(request)));
}

/** What an entry says of its request. */
export interface RequestItem {
  readonly identity: string;
  readonly timeMs: number;
  readonly request: string;
  readonly isStandIn: boolean;
  readonly isCovered: boolean;
}

const isBeside = ({ identity }: RequestItem): boolean => identity.startsWith(MARK + BESIDE);

/**
 * The identities of the stand-ins that are covered, of all that a session has with a request. Each event covers one: that of the same id and
 * prompt, else of the same id, else, where one of the two has no id, of the same prompt.
 */
export function coveredAmong(items: readonly RequestItem[]): ReadonlySet<string> {
  const inTime = items.toSorted(inTimeOrder);
  const open: Open = {
    standIns: inTime.filter((item) => item.isStandIn && !isBeside(item)),
    events: inTime.filter(({ isStandIn }) => !isStandIn),
  };
  const covered = new Set<string>();
  const pair = (keyOf: (request: string) => string, mayPair: MayPair): void => pairUp(open, keyOf, mayPair, covered);
  pair((request) => request, ALWAYS);
  pair(idIn, { standIn: hasId, event: hasId });
  pair(promptIn, { standIn: ALWAYS.standIn, event: (event) => !hasId(event) });
  pair(promptIn, { standIn: (standIn) => !hasId(standIn), event: ALWAYS.event });
  for (const item of coveredBeside(inTime, covered)) covered.add(item.identity);
  return covered;
}

/** What is not paired yet. */
interface Open {
  standIns: readonly RequestItem[];
  events: readonly RequestItem[];
}

interface MayPair {
  readonly standIn: (item: RequestItem) => boolean;
  readonly event: (item: RequestItem) => boolean;
}

const ALWAYS: MayPair = { standIn: () => true, event: () => true };

/** Of those alike, the first with the first. */
function pairUp(open: Open, keyOf: (request: string) => string, mayPair: MayPair, covered: Set<string>): void {
  const waiting = new Map<string, RequestItem[]>();
  for (const event of open.events) if (mayPair.event(event)) waiting.getOrInsertComputed(keyOf(event.request), () => []).push(event);
  const used = new Set<RequestItem>();
  const left: RequestItem[] = [];
  const next = new Map<string, number>();
  for (const standIn of open.standIns) {
    const key = keyOf(standIn.request);
    const at = next.get(key) ?? 0;
    const event = mayPair.standIn(standIn) ? waiting.get(key)?.[at] : undefined;
    if (event === undefined) left.push(standIn);
    else {
      next.set(key, at + 1);
      used.add(event);
      covered.add(standIn.identity);
    }
  }
  open.standIns = left;
  open.events = open.events.filter((event) => !used.has(event));
}

/** What is billed beside a request goes with it: with its stand-in, and where that is missing with its event. */
function coveredBeside(items: readonly RequestItem[], covered: ReadonlySet<string>): readonly RequestItem[] {
  const beside = items.filter((item) => item.isStandIn && isBeside(item));
  if (beside.length === 0) return beside;
  const others = items.filter((item) => !isBeside(item));
  const [standIns, events] = [others.filter(({ isStandIn }) => isStandIn), others.filter(({ isStandIn }) => !isStandIn)];
  const own = new Set(standIns.map(({ request }) => request));
  const gone = new Set(standIns.filter(({ identity }) => covered.has(identity)).map(({ request }) => request));
  const reported = new Set(events.filter(hasId).map(({ request }) => idIn(request)));
  return beside.filter(({ request }) => (own.has(request) ? gone.has(request) : reported.has(idIn(request))));
}

/** What is otherwise with the stand-ins of a session. */
export interface Marked {
  /** Covered now: what they booked is taken back. */
  readonly taken: readonly HistoryItem[];
  /** By identity, not covered any more. */
  readonly given: ReadonlySet<string>;
}

/** A session's history as it was before this transaction. */
export function knownBefore(history: readonly HistoryItem[], fresh: readonly HistoryItem[], { taken, given }: Marked = UNMARKED): HistoryItem[] {
  const isFresh = new Set(fresh.map(({ identity }) => identity));
  const known = history.filter(({ identity }) => !isFresh.has(identity) && !given.has(identity));
  return taken.length === 0 ? known : [...known, ...taken].sort(inTimeOrder);
}

const UNMARKED: Marked = { taken: [], given: new Set() };
