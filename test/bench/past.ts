/**
 * The past of a believable organization as ledger entries, without the wire in between, so that ten million of them take minutes: teams of
 * forty people, two workspaces to a team, six models, working days with morning and evening.
 */

import type { Dimensions } from '../../collector/catalog/measures.ts';
import { Random } from '../../collector/demo/random.ts';
import type { Amounts, Batch, Entry } from '../../collector/ledger/entry.ts';

export interface PastOptions {
  readonly people: number;
  readonly days: number;
  readonly entries: number;
  /** The last day is that of this instant. */
  readonly endMs: number;
  /** Default: PEOPLE_IN_TEAM. */
  readonly peopleInTeam?: number;
}

interface Model {
  readonly name: string;
  /** Pico-dollars for one token. */
  readonly input: number;
  readonly output: number;
  readonly read: number;
  readonly write: number;
}

/** From USD for a million tokens. */
const model = (name: string, input: number, output: number, read: number, write: number): Model => ({
  name,
  input: input * 1e6,
  output: output * 1e6,
  read: read * 1e6,
  write: write * 1e6,
});
const MODELS: readonly (readonly [Model, number])[] = [
  [model('claude-opus-5-5', 4, 20, 0.2, 5), 40],
  [model('claude-sonnet-5-5', 2, 10, 0.1, 2.5), 30],
  [model('claude-opus-5', 5, 25, 0.5, 6.25), 12],
  [model('claude-haiku-5-5', 0.1, 0.5, 0.01, 0.125), 10],
  [model('claude-sonnet-5', 2, 10, 0.2, 2.5), 5],
  [model('claude-fable-5-1', 10, 50, 0.25, 12.5), 3],
];

export const PEOPLE_IN_TEAM = 40;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep'] as const;
const TERMINALS = ['iTerm.app', 'vscode', 'tmux', 'WarpTerminal'] as const;
const SIGNED_IN_SHARE = 0.7;
const WEEKEND_SHARE = 0.06;
const SESSIONS_A_DAY = 2;
/** With few entries there are fewer sessions instead of empty ones. */
const SESSION_MEDIAN_MIN = 12;
const SPREAD = 0.6;
/** Of a length with that spread; a little more, so that entries run out on the last day and not days before entries. */
const MEDIAN_OF_MEAN = Math.exp(-(SPREAD ** 2) / 2) * 1.006;

/** One batch for each session, in the order in which sessions begin. Ends when there are as many entries as asked for, or the days are over. */
export function* past(options: PastOptions): Iterable<Batch> {
  const { people, days, endMs, peopleInTeam = PEOPLE_IN_TEAM } = options;
  const perSession = options.entries / (people * presence(days, endMs) * SESSIONS_A_DAY);
  const share = Math.min(1, perSession / SESSION_MEDIAN_MIN);
  let left = options.entries;
  for (let back = days - 1; back >= 0 && left > 0; back--) {
    const dayMs = Math.floor(endMs / DAY_MS) * DAY_MS - back * DAY_MS;
    for (const plan of plansOf(people, dayMs)) {
      if (!plan.random.chance(share)) continue;
      const length = plan.random.around((perSession / share) * MEDIAN_OF_MEAN, SPREAD);
      const entries = [...sessionOf(plan, Math.max(4, length), peopleInTeam)];
      if (entries.length > left) entries.length = left;
      left -= entries.length;
      if (entries.length > 0) yield { entries, receivedMs: dayMs + DAY_MS };
    }
  }
}

/** Person-days of one person that somebody works on. */
function presence(days: number, endMs: number): number {
  let sum = 0;
  for (let back = 0; back < days; back++) sum += isWeekend(endMs - back * DAY_MS) ? WEEKEND_SHARE : SIGNED_IN_SHARE;
  return sum;
}

const isWeekend = (ms: number): boolean => [0, 6].includes(new Date(ms).getUTCDay());

interface Plan {
  readonly random: Random;
  readonly person: number;
  readonly startMs: number;
}

function plansOf(people: number, dayMs: number): Plan[] {
  const plans: Plan[] = [];
  for (let person = 0; person < people; person++) {
    const random = new Random('past', person, dayMs);
    if (!random.chance(isWeekend(dayMs) ? WEEKEND_SHARE : SIGNED_IN_SHARE)) continue;
    for (let session = 0; session < SESSIONS_A_DAY; session++) {
      plans.push({ random, person, startMs: dayMs + Math.round((8 + 9 * random.next()) * HOUR_MS) });
    }
  }
  return plans.sort((a, b) => a.startMs - b.startMs);
}

/** A person's requests, tool calls and prompts, and at the end the metrics that tell the requests' cost again. */
function* sessionOf({ random, person, startMs }: Plan, entries: number, peopleInTeam: number): Iterable<Entry> {
  const sessionId = random.uuid();
  const chosen = random.chance(0.8) ? modelOf(new Random('habit', person)) : modelOf(random);
  const common = { sessionId, listCost: 0n };
  const dimensions = dimensionsOf(random, person, peopleInTeam);
  const answer = { cost: 0, amounts: new Map<keyof Amounts, number>() };
  let timeMs = startMs;
  for (let index = 0; index < entries - 2; index++) {
    timeMs += random.around(40_000, 0.7);
    const identity = random.base62(16);
    const kind = index % 10;
    if (kind === 0) yield { ...common, identity, timeMs, source: 'events', cost: 0n, amounts: { prompts: 1 }, dimensions };
    else if (kind % 3 === 0) {
      const amounts = { tool_calls: 1, tool_duration_ms: random.around(420, 1) };
      yield { ...common, identity, timeMs, source: 'events', cost: 0n, amounts, dimensions: { ...dimensions, tool: random.pick(TOOLS) } };
    } else {
      const request = requestOf(random, chosen);
      answer.cost += request.cost;
      for (const name of TOKENS) answer.amounts.set(name, (answer.amounts.get(name) ?? 0) + request.amounts[name]);
      const cost = BigInt(request.cost);
      const source = { model: chosen.name, query_source: kind === 8 ? 'subagent' : 'main', effort: 'medium', speed: 'normal' };
      yield {
        ...common,
        identity,
        timeMs,
        source: 'events',
        cost,
        listCost: cost,
        amounts: request.amounts,
        dimensions: { ...dimensions, ...source },
      };
    }
  }
  const metric = { ...common, timeMs: timeMs + 2_000, source: 'metrics' as const, dimensions: { ...dimensions, model: chosen.name } };
  yield { ...metric, identity: random.base62(16), cost: BigInt(answer.cost), amounts: {} };
  yield { ...metric, identity: random.base62(16), cost: 0n, amounts: Object.fromEntries(answer.amounts) };
}

function modelOf(random: Random): Model {
  const [first, ...others] = MODELS;
  if (first === undefined) throw new Error('There is no model.');
  return random.weighted([first, ...others]);
}

function dimensionsOf(random: Random, person: number, peopleInTeam: number): Dimensions {
  const team = Math.floor(person / peopleInTeam);
  const workspace = `workspace-${team * 2 + (random.chance(0.7) ? person % 2 : 1 - (person % 2))}`;
  return {
    organization: 'acme',
    team: `team-${team}`,
    user: `person-${person}@example.com`,
    workspace,
    repository: workspace,
    department: `department-${team % 8}`,
    cost_center: `cc-${team}`,
    client_version: '2.1.329',
    entry_point: 'cli',
    terminal: TERMINALS[person % TERMINALS.length] ?? TERMINALS[0],
    provider: 'firstParty',
  };
}

const TOKENS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_creation_tokens'] as const;

function requestOf(random: Random, { input, output, read, write }: Model) {
  const amounts = {
    requests: 1,
    input_tokens: random.whole(3, 400),
    output_tokens: random.around(900, 0.8),
    cache_read_tokens: random.whole(20_000, 400_000),
    cache_creation_tokens: random.around(4_000, 0.8),
    api_duration_ms: random.whole(1_500, 30_000),
  };
  const cost =
    amounts.input_tokens * input + amounts.output_tokens * output + amounts.cache_read_tokens * read + amounts.cache_creation_tokens * write;
  return { amounts, cost: Math.round(cost) };
}
