/**
 * What the good clients send, and what the ledger must therefore say: small exports of a prompt, a request and a tool, each request with a
 * cost of its own, so that neither a lost one nor one counted twice can hide in a sum.
 */
import { PICO_PER_USD, type PicoUsd } from '../../../collector/core/money.ts';
import { type DemoAttributes, type DemoLog, type DemoProcess, encodeProtobuf } from '../../../collector/demo/wire.ts';

export interface GoodExport {
  readonly session: string;
  readonly cost: PicoUsd;
  readonly bytes: Buffer;
}

/** cost = number * 2^20 + 1: distinct, and so small that a double of USD is exact. */
const COST_STEP = 2 ** 20;
const EXPORTS_IN_SESSION = 100;
const VERSION = '2.1.329';

export class GoodExports {
  readonly #run: string;
  readonly #user: string;
  readonly #costs = new Map<string, PicoUsd>();
  #number = 0;
  #acknowledged = 0;

  /** `run` keeps the sessions of two clients, and of two runs on one ledger, apart. */
  constructor(run: string, user: string) {
    this.#run = run;
    this.#user = user;
  }

  next(nowMs: number): GoodExport {
    const number = ++this.#number;
    const session = `good-${this.#run}-${Math.floor(number / EXPORTS_IN_SESSION)}`;
    const cost = number * COST_STEP + 1;
    const process = processOf(session, this.#user);
    const bytes = encodeProtobuf([{ signal: 'logs', sessionId: session, timeMs: nowMs, process, logs: logsOf(session, number, cost, nowMs) }]);
    return { session, cost: BigInt(cost), bytes: Buffer.from(bytes) };
  }

  /** Only once for each export: a repeat changes nothing in the ledger, either. */
  acknowledge({ session, cost }: GoodExport): void {
    this.#acknowledged++;
    this.#costs.set(session, (this.#costs.get(session) ?? 0n) + cost);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** What was acknowledged, by session. */
  get costs(): ReadonlyMap<string, PicoUsd> {
    return this.#costs;
  }
}

function processOf(session: string, user: string): DemoProcess {
  const resource: DemoAttributes = [
    ['service.name', 'claude-code'],
    ['service.version', VERSION],
    ['team.id', 'platform'],
  ];
  const standard: DemoAttributes = [
    ['session.id', session],
    ['user.email', user],
    ['user.id', 'e'.repeat(64)],
    ['terminal.type', 'iTerm.app'],
  ];
  return { version: VERSION, temporality: 'delta', resource, standard };
}

function logsOf(session: string, number: number, cost: number, nowMs: number): DemoLog[] {
  const log = (event: string, index: number, attributes: DemoAttributes): DemoLog => ({
    timeMs: nowMs,
    event,
    attributes: [['event.name', event], ['event.timestamp', new Date(nowMs).toISOString()], ['event.sequence', number * 3 + index], ...attributes],
  });
  return [
    log('user_prompt', 0, [['prompt_length', '120']]),
    log('api_request', 1, [
      ['model', 'claude-opus-5-5'],
      ['cost_usd', { double: cost / Number(PICO_PER_USD) }],
      ['input_tokens', 40],
      ['output_tokens', 900],
      ['cache_read_tokens', 20_000],
      ['cache_creation_tokens', 300],
      ['duration_ms', 4_000],
      ['request_id', `req_${session}_${number}`],
    ]),
    log('tool_result', 2, [
      ['tool_name', 'Read'],
      ['success', 'true'],
      ['duration_ms', 12],
    ]),
  ];
}
