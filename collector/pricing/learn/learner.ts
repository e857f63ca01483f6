/** Learns the price of models that the tables lack from what clients charge for them, so that a new model is right on its first day. */
import { withoutAddresses } from '../../core/email-address.ts';
import { toRates } from '../differences.ts';
import type { PriceTable } from '../periods.ts';
import { type TokenRates, toTokenRates } from '../rates.ts';
import { promptTokens } from '../request-cost.ts';
import {
  type Evidence,
  hasLearntPrice,
  LEARNT_MODELS_MAX,
  type LearntModel,
  type LearntModels,
  type LearntRow,
  learntTable,
  type PromptLengths,
  VERSIONS_MAX,
} from './learnt-file.ts';
import { agreesWith, explainsMost, type Observation, type SolvedRates, solveRates } from './solve.ts';

/** What clients charge for models that they do not know, in USD per million: no price of anything. */
const FALLBACK: TokenRates = toTokenRates({ input: '5', output: '25', cache_write_5m: '6.25', cache_write_1h: '10', cache_read: '0.50' });

const POOL_MAX = 64;
/** Requests after which it is no longer solved with each: what does not agree at ten rarely does at eleven. */
const SOLVED_EACH = 16;

export interface Charged extends Observation {
  /** The same for a request that is delivered again. */
  readonly identity: string;
  readonly model: string;
  readonly isFast: boolean;
}

/** Of a model at one speed: its latest requests, which another price has to explain. */
interface Pool {
  observations: Charged[];
  /** Of those that the learnt price does not explain. */
  seen: number;
  /** How many have to be seen before it is solved again. */
  solveAt: number;
}

/** Some pools never agree, and solving takes a millisecond; at the latest when all requests in it are new it is tried again. */
const nextSolve = (seen: number): number =>
  seen + (seen < SOLVED_EACH ? 1 : Math.min(Math.max(SOLVED_EACH / 4, Math.floor(seen / SOLVED_EACH)), POOL_MAX));

export class PriceLearner {
  #models: Map<string, LearntModel>;
  readonly #pools = new Map<string, Pool>();
  /** Models in the order in which they came last. */
  readonly #seen = new Set<string>();
  readonly #hasPrice: (model: string) => boolean;
  #table: PriceTable;
  #isChanged = false;

  /** `hasPrice`: does a table have the model? Then nothing is learnt about it. */
  constructor(known: LearntModels, hasPrice: (model: string) => boolean) {
    this.#models = new Map(Object.entries(known));
    this.#hasPrice = hasPrice;
    this.#table = learntTable(known);
  }

  /** The same object while nothing new is learnt. */
  readonly table = (): PriceTable => this.#table;

  get models(): LearntModels {
    return Object.fromEntries(this.#models);
  }

  /** Is there something to be written? Asked once for each change. */
  takeChange(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /** Before the request is priced, so that the one that completes a price has it. */
  observe(charged: Charged): void {
    const { model, isFast } = charged;
    // An address is no model, and names of users have no place in what is learnt.
    if (model === '' || charged.cost === 0n || this.#hasPrice(model) || withoutAddresses(model) !== model) return;
    const known = this.#models.get(model);
    if (known === undefined && !this.#makeRoom()) return;
    this.#note(model);
    const learnt = known ?? { normal: [], fast: [] };
    const rows = isFast ? learnt.fast : learnt.normal;
    const row = rows.at(-1);
    if (row !== undefined && agreesWith(charged, toTokenRates(row.rates))) {
      this.#set(model, isFast, [...rows.slice(0, -1), { ...row, ...withMore(row, charged) }]);
      // What goes on at the price speaks against another one.
      this.#pool(charged);
    } else if (agreesWith(charged, FALLBACK)) {
      this.#keep(model, { ...learnt, fallback: withMore(learnt.fallback ?? noEvidence(charged), charged) });
    } else {
      if (row !== undefined) this.#set(model, isFast, [...rows.slice(0, -1), { ...row, others: row.others + 1 }]);
      else if (known === undefined) this.#keep(model, learnt);
      this.#solve(charged, row === undefined ? rows : this.#rows(model, isFast));
    }
  }

  /** Instead of what it knows: what others learnt is in it. */
  adopt(models: LearntModels): void {
    this.#models = new Map(Object.entries(models));
    const table = learntTable(models);
    if (JSON.stringify(table) !== JSON.stringify(this.#table)) this.#table = table;
  }

  /** What was learnt of these models, and what it was learnt from. */
  forget(isToForget: (model: string) => boolean): void {
    const gone = [...this.#models.keys()].filter(isToForget);
    if (gone.length === 0) return;
    for (const model of gone) this.#drop(model);
    this.#table = learntTable(this.models);
    this.#isChanged = true;
  }

  /** Of those without a price, the one that did not come for longest gives way. False where all have one. */
  #makeRoom(): boolean {
    if (this.#models.size < LEARNT_MODELS_MAX) return true;
    const without = new Set([...this.#models].flatMap(([model, learnt]) => (hasLearntPrice(learnt) ? [] : [model])));
    const first = [...without].find((model) => !this.#seen.has(model)) ?? [...this.#seen].find((model) => without.has(model));
    if (first !== undefined) this.#drop(first);
    return first !== undefined;
  }

  /** Where replicas share what they learn, another one may drop a model that goes on coming here: its requests are not lost by that. */
  #note(model: string): void {
    this.#seen.delete(model);
    this.#seen.add(model);
    const [first = model] = this.#seen;
    if (this.#seen.size > 2 * LEARNT_MODELS_MAX) this.#dropRequests(first);
  }

  #drop(model: string): void {
    this.#models.delete(model);
    this.#dropRequests(model);
  }

  #dropRequests(model: string): void {
    this.#seen.delete(model);
    for (const isFast of [true, false]) this.#pools.delete(keyOf({ model, isFast }));
  }

  #rows(model: string, isFast: boolean): readonly LearntRow[] {
    const learnt = this.#models.get(model);
    return (isFast ? learnt?.fast : learnt?.normal) ?? [];
  }

  /** The pool with the request in it; undefined where it was in it already. */
  #pool(charged: Charged): Pool | undefined {
    const key = keyOf(charged);
    const pool = this.#pools.get(key) ?? { observations: [], seen: 0, solveAt: 1 };
    this.#pools.set(key, pool);
    if (pool.observations.some(({ identity }) => identity === charged.identity)) return undefined;
    pool.observations = [...pool.observations, charged].slice(-POOL_MAX);
    return pool;
  }

  #solve(charged: Charged, rows: readonly LearntRow[]): void {
    const pool = this.#pool(charged);
    if (pool === undefined) return;
    pool.seen++;
    if (pool.seen < pool.solveAt) return;
    pool.solveAt = nextSolve(pool.seen);
    const solved = otherRates(pool.observations, rows.at(-1));
    if (solved === undefined) return;
    const agreeing = pool.observations.filter((one) => agreesWith(one, solved.rates)).toSorted((one, other) => one.timeMs - other.timeMs);
    const [first] = agreeing;
    if (first === undefined) return;
    const evidence = agreeing.reduce<Evidence>((all, one) => withMore(all, one), noEvidence(first));
    if (isAnotherBand(evidence.prompts, rows.at(-1)?.prompts)) return;
    const from = dayOf(first.timeMs);
    // One price a day: what agrees with neither is left to whoever looks.
    if (rows.some((row) => row.from >= from)) return;
    const { model, isFast } = charged;
    this.#pools.delete(keyOf(charged));
    this.#set(model, isFast, [...rows, { from, rates: toRates(solved.rates), assumed: [...solved.assumed], ...evidence, others: 0 }]);
    this.#table = learntTable(this.models);
  }

  #set(model: string, isFast: boolean, rows: LearntRow[]): void {
    const learnt = this.#models.get(model) ?? { normal: [], fast: [] };
    this.#keep(model, isFast ? { ...learnt, fast: rows } : { ...learnt, normal: rows });
  }

  #keep(model: string, learnt: LearntModel): void {
    this.#models.set(model, learnt);
    this.#isChanged = true;
  }
}

const keyOf = ({ model, isFast }: Pick<Charged, 'model' | 'isFast'>): string => `${isFast ? 'fast' : 'normal'} ${model}`;

/** Of what the last price does not explain: a price only if it explains most of the latest requests, or some would make theirs that of all. */
function otherRates(latest: readonly Charged[], last: LearntRow | undefined): SolvedRates | undefined {
  if (last === undefined) return solveRates(latest);
  const known = toTokenRates(last.rates);
  const solved = solveRates(latest.filter((one) => !agreesWith(one, known)));
  return solved !== undefined && explainsMost(latest, solved.rates) ? solved : undefined;
}

function lengthsWith(known: PromptLengths | undefined, { tokens }: Observation): PromptLengths {
  const length = promptTokens(tokens);
  return { shortest: Math.min(known?.shortest ?? length, length), longest: Math.max(known?.longest ?? length, length) };
}

/** A list with a second price for long prompts is no new price, however many long prompts come one after another: a change is one of all lengths. */
const isAnotherBand = (other: PromptLengths | undefined, known: PromptLengths | undefined): boolean =>
  other !== undefined && known !== undefined && (other.shortest > known.longest || other.longest < known.shortest);

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const noEvidence = ({ timeMs }: Observation): Evidence => {
  const at = new Date(timeMs).toISOString();
  return { requests: 0, client_versions: [], first: at, last: at };
};

function withMore({ requests, client_versions, first, last, prompts }: Evidence, charged: Observation): Evidence {
  const { timeMs, clientVersion } = charged;
  const at = new Date(timeMs).toISOString();
  const versions = clientVersion === '' || client_versions.includes(clientVersion) ? client_versions : [...client_versions, clientVersion];
  return {
    requests: requests + 1,
    client_versions: versions.slice(-VERSIONS_MAX),
    first: at < first ? at : first,
    last: at > last ? at : last,
    prompts: lengthsWith(prompts, charged),
  };
}
