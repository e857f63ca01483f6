/**
 * Claude Code clients with a known truth: both signals, either of them incomplete now and then, delta and cumulative, old and
 * new spellings, several sessions in one request. Every request to a model has a cost of its own, so that neither a lost
 * record nor one counted twice can hide in a sum.
 */

import { formatUsd, PICO_PER_USD } from '../../collector/core/money.ts';
import type { DemoAttributes, DemoExport, DemoLog, DemoMetric, DemoPoint, DemoProcess, DemoValue } from '../../collector/demo/wire.ts';
import type { Random } from '../support/random.ts';
import type { Amounts, SentExport, SentRecord } from './truth.ts';

export interface PlannedExport extends SentExport {
  readonly signal: DemoExport['signal'];
  readonly parts: readonly DemoExport[];
}

interface Part {
  readonly sent: DemoExport;
  readonly records: readonly SentRecord[];
}

const DAY_MS = 86_400_000;
const OPEN_SESSIONS = 16;
const TEAMS = ['platform', 'payments', 'search', ''] as const;
const MODELS = ['claude-opus-5-5', 'claude-haiku-5-5'] as const;
/** cost = number * 2^20 + random: distinct for every request, and under 2^51, where a double of USD is exact to the pico-dollar. */
const COST_STEP = 2 ** 20;

/** An endless stream of exports. */
export class Traffic {
  readonly #random: Random;
  readonly #nowMs: number;
  readonly #open: Session[] = [];
  /** Begins elsewhere for each run, so that two runs on one ledger are two sets of sessions. */
  readonly #run: string;
  #sessions = 0;
  #exports = 0;
  #requests = 0;

  constructor(random: Random, nowMs: number) {
    this.#random = random;
    this.#nowMs = nowMs;
    this.#run = random.below(2 ** 31).toString(36);
  }

  next(): PlannedExport {
    const parts = [this.#part()];
    // A collector in between puts several clients' exports into one request.
    while (this.#random.chance(0.15)) {
      const more = this.#part();
      if (more.sent.signal === parts[0]?.sent.signal) parts.push(more);
      else this.#later.push(more);
    }
    const signal = parts[0]?.sent.signal ?? 'logs';
    const records = parts.flatMap((part) => part.records);
    return { number: ++this.#exports, signal, parts: parts.map(({ sent }) => sent), records, acknowledged: false };
  }

  readonly #later: Part[] = [];

  #part(): Part {
    const later = this.#later.shift();
    if (later !== undefined) return later;
    while (this.#open.length < OPEN_SESSIONS) this.#open.push(this.#begin());
    const session = this.#random.pick(this.#open);
    const part = session.next();
    if (part !== undefined) return part;
    this.#open.splice(this.#open.indexOf(session), 1);
    return this.#part();
  }

  #begin(): Session {
    const id = `fault-${this.#run}-${++this.#sessions}`;
    const startMs = this.#nowMs - this.#random.below(3 * DAY_MS) - 60 * 60_000;
    return new Session(id, startMs, this.#random, () => ++this.#requests * COST_STEP + this.#random.below(COST_STEP));
  }
}

interface Series {
  readonly metric: string;
  readonly model: string;
  readonly count: keyof Amounts | 'cost';
  readonly attributes: DemoAttributes;
  value: number;
  startMs: number;
}

/** One client process. Costs are numbers of pico-dollars here, whole and under 2^51. */
class Session {
  readonly #id: string;
  readonly #random: Random;
  readonly #nextCost: () => number;
  readonly #process: DemoProcess;
  readonly #isOld: boolean;
  /** Shares of requests that only the metric tells (interrupted), and only the event (killed before the export). */
  readonly #unheardEvents: number;
  readonly #unheardMetrics: number;
  readonly #series = new Map<string, Series>();
  readonly #parts: Part[] = [];
  #timeMs: number;
  #sequence = 0;
  #turnsLeft: number;

  constructor(id: string, startMs: number, random: Random, nextCost: () => number) {
    this.#id = id;
    this.#random = random;
    this.#nextCost = nextCost;
    this.#timeMs = startMs;
    this.#isOld = random.chance(0.3);
    this.#unheardEvents = random.pick([0, 0, 0.2, 1]);
    this.#unheardMetrics = this.#unheardEvents === 0 ? random.pick([0, 0, 0.2, 1]) : 0;
    this.#turnsLeft = 2 + random.below(4);
    const temporality = random.chance(0.3) ? 'cumulative' : 'delta';
    this.#process = processOf(id, this.#isOld ? '2.0.76' : '2.1.329', temporality, random);
  }

  /** Undefined when the session is over. */
  next(): Part | undefined {
    while (this.#parts.length === 0) {
      if (this.#turnsLeft-- === 0) return undefined;
      this.#turn();
    }
    return this.#parts.shift();
  }

  #turn(): void {
    const logs: Logged[] = [this.#prompt()];
    for (let requests = 1 + this.#random.below(4); requests > 0; requests--) logs.push(...this.#request());
    this.#count('lines_of_code.count', '', 'lines_added', 1 + this.#random.below(90), [['type', 'added']]);
    if (this.#unheardEvents < 1) this.#parts.push(this.#exportLogs(logs));
    if (this.#unheardMetrics < 1) this.#parts.push(this.#exportMetrics());
  }

  #tick(): number {
    this.#timeMs += 1 + this.#random.below(4_000);
    return this.#timeMs;
  }

  #prompt(): Logged {
    return this.#log('user_prompt', '', 0n, { prompts: 1 }, [['prompt_length', String(this.#random.below(500))]]);
  }

  #request(): Logged[] {
    const model = this.#random.pick(MODELS);
    const cost = this.#nextCost();
    const input = 1 + this.#random.below(100_000);
    const output = 1 + this.#random.below(10_000);
    const heard = this.#random.next();
    if (heard >= this.#unheardMetrics) {
      this.#count('cost.usage', model, 'cost', cost, [['model', `${model}[1m]`]]);
      this.#count('token.usage', model, 'input_tokens', input, tokenAttributes(model, 'input'));
      this.#count('token.usage', model, 'output_tokens', output, tokenAttributes(model, 'output'));
    }
    if (heard < this.#unheardEvents) return [];
    const amounts = { requests: 1, input_tokens: input, output_tokens: output };
    const usd: DemoValue = this.#isOld ? formatUsd(BigInt(cost)) : { double: cost / Number(PICO_PER_USD) };
    const attributes: DemoAttributes = [
      ['model', model],
      ['cost_usd', usd],
      ['input_tokens', this.#spelt(input)],
      ['output_tokens', this.#spelt(output)],
      ['cache_read_tokens', this.#spelt(0)],
      ['cache_creation_tokens', this.#spelt(0)],
      ['duration_ms', this.#spelt(1 + this.#random.below(30_000))],
      ...(this.#isOld ? [] : ([['request_id', `req_${this.#id}_${cost}`]] as const)),
    ];
    return [this.#log('api_request', model, BigInt(cost), amounts, attributes)];
  }

  #spelt(value: number): DemoValue {
    return this.#isOld ? String(value) : value;
  }

  #log(event: string, model: string, cost: bigint, amounts: Amounts, attributes: DemoAttributes): Logged {
    const timeMs = this.#tick();
    const own: (readonly [string, DemoValue])[] = [
      ['event.name', event],
      ['event.timestamp', new Date(timeMs).toISOString()],
    ];
    if (!this.#isOld) own.push(['event.sequence', this.#sequence++]);
    return {
      log: { timeMs, event, attributes: [...own, ...attributes] },
      record: { session: this.#id, source: 'events', timeMs, model, cost, amounts },
    };
  }

  #exportLogs(logged: readonly Logged[]): Part {
    const sent: DemoExport = {
      ...{ signal: 'logs', sessionId: this.#id, timeMs: this.#tick(), process: this.#process },
      logs: logged.map(({ log }) => log),
    };
    return { sent, records: logged.map(({ record }) => record) };
  }

  #count(metric: string, model: string, count: Series['count'], amount: number, attributes: DemoAttributes): void {
    const key = `${metric} ${model} ${count}`;
    const series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, { metric, model, count, attributes, value: amount, startMs: this.#timeMs });
    else series.value += amount;
  }

  /** Delta: what came since the last export. Cumulative: every series since its own start. */
  #exportMetrics(): Part {
    const timeMs = this.#tick();
    const metrics = new Map<string, DemoPoint[]>();
    const records: SentRecord[] = [];
    for (const [key, series] of this.#series) {
      if (series.value === 0) continue;
      const { startMs, attributes, count, model, value } = series;
      const points = metrics.get(series.metric) ?? [];
      metrics.set(series.metric, points);
      points.push({ startMs, timeMs, value: count === 'cost' ? value / Number(PICO_PER_USD) : value, attributes });
      const said = count === 'cost' ? { cost: BigInt(value), amounts: {} } : { cost: 0n, amounts: { [count]: value } };
      const record: SentRecord = { session: this.#id, source: 'metrics', timeMs, startMs, model, ...said };
      records.push(this.#process.temporality === 'delta' ? record : { ...record, stream: `${key} ${startMs}` });
      if (this.#process.temporality === 'cumulative') continue;
      series.value = 0;
      series.startMs = timeMs;
    }
    const named: DemoMetric[] = [...metrics].map(([name, points]) => ({ name, unit: '', points }));
    return { sent: { signal: 'metrics', sessionId: this.#id, timeMs, process: this.#process, metrics: named }, records };
  }
}

interface Logged {
  readonly log: DemoLog;
  readonly record: SentRecord;
}

const tokenAttributes = (model: string, type: string): DemoAttributes => [
  ['model', `${model}[1m]`],
  ['type', type],
];

function processOf(session: string, version: string, temporality: DemoProcess['temporality'], random: Random): DemoProcess {
  const team = random.pick(TEAMS);
  const claimed: DemoAttributes = team === '' ? [] : [['team.id', team]];
  return {
    ...{ version, temporality },
    resource: [...claimed, ['service.name', 'claude-code'], ['service.version', version]],
    standard: [...claimed, ['user.id', 'f'.repeat(64)], ['session.id', session], ['user.email', `person-${random.below(40)}@example.com`]],
  };
}
