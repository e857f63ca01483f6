/** The course of one session: prompts, requests, tools, subagents, and what may go wrong in it. */
import { MINUTE_MS } from '../core/duration.ts';
import { type Family, modelOn, type RequestSize } from './models.ts';
import type { Person } from './people.ts';
import { ClientProcess, type Reported } from './process.ts';
import { Random } from './random.ts';
import type { DemoAttributes, DemoExport } from './wire.ts';

export interface SessionPlan {
  readonly who: Person;
  readonly random: Random;
  readonly sessionId: string;
  /** Local calendar day, "2026-11-20": decides which models a family's names mean. */
  readonly day: string;
  readonly version: string;
  readonly repository: string;
  readonly family: Family;
  /** When each process begins: one, or several for a session that is resumed. */
  readonly starts: readonly [number, ...number[]];
  /** Requests of the main conversation in each process. */
  readonly requests: number;
  readonly kind: 'interactive' | 'headless' | 'runaway';
  /** The last process is killed before its last metric export. */
  readonly killed: boolean;
  /** A request is interrupted by the person: priced in the metric, without an event. */
  readonly interrupted: boolean;
}

export interface DemoSession {
  readonly sessionId: string;
  readonly user: string;
  readonly team: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly exports: readonly DemoExport[];
  readonly records: number;
  /** What must be booked, in pico-dollars: for each model the larger of the two sums, and their total. */
  readonly cost: bigint;
  readonly models: ReadonlyMap<string, Reported>;
}

/** The demo's requests are long, and yet most lie within the buckets of latency. */
const MS_PER_OUTPUT_TOKEN = 2.5;
const METRIC_INTERVAL_MS = 30 * MINUTE_MS;
const CONTEXT_START_TOKENS = 90_000;
const CONTEXT_FULL_TOKENS = 480_000;
const TOOLS = ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'mcp_tool'] as const;
const MCP_SERVERS = ['github', 'linear', 'sentry'] as const;
const COMMANDS = ['compact', 'review', 'init', 'cost'] as const;
const SKILLS: readonly [DemoAttributes, ...DemoAttributes[]] = [
  [['skill.name', 'code-review']],
  [['skill.name', 'security-review']],
  [
    ['skill.name', 'frontend-design:frontend-design'],
    ['plugin.name', 'frontend-design'],
  ],
];
const LANGUAGES = ['TypeScript', 'Python', 'Go', 'Kotlin', 'Markdown'] as const;

export function playSession(plan: SessionPlan): DemoSession {
  const models = new Map<string, Reported>();
  const exports: DemoExport[] = [];
  let endMs = plan.starts[0];
  plan.starts.forEach((startMs, index) => {
    const course = new Course(plan, models, startMs, index);
    endMs = course.play(index === plan.starts.length - 1);
    exports.push(...course.process.exports);
  });
  let cost = 0;
  for (const { events, metrics } of models.values()) cost += Math.max(events, metrics);
  const user = plan.who.signIn === 'api_key' ? plan.who.installationId : `${plan.who.name}@example.com`;
  const summary = { sessionId: plan.sessionId, user, team: plan.who.team, startMs: plan.starts[0], endMs };
  return { ...summary, exports, records: exports.reduce((sum, sent) => sum + recordsIn(sent), 0), cost: BigInt(cost), models };
}

export const recordsIn = (sent: DemoExport): number =>
  sent.signal === 'logs' ? sent.logs.length : sent.metrics.reduce((sum, metric) => sum + metric.points.length, 0);

/** One process of the session, walked through in time. */
class Course {
  readonly process: ClientProcess;
  readonly #plan: SessionPlan;
  readonly #random: Random;
  #nowMs: number;
  #contextTokens = CONTEXT_START_TOKENS;
  /** What else people use. A stream of its own: the requests do not depend on it. */
  readonly #habits: Random;
  #skill: DemoAttributes = [];
  /** Whose result the next request reads. */
  #mcpServer: DemoAttributes = [];

  constructor(plan: SessionPlan, reported: Map<string, Reported>, startMs: number, index: number) {
    this.#plan = plan;
    this.#random = plan.random;
    this.#habits = new Random(plan.sessionId, 'habits', index);
    this.#nowMs = startMs;
    const terminal = plan.kind === 'interactive' ? plan.who.terminal : 'non-interactive';
    const entrypoint = plan.kind === 'interactive' ? plan.who.entrypoint : 'sdk-cli';
    const { who, sessionId, version, repository, random } = plan;
    this.process = new ClientProcess({
      ...{ who, sessionId, version, repository, random, reported, terminal, entrypoint, startMs },
      startType: index === 0 ? 'fresh' : 'resume',
    });
  }

  /** Returns when the process ended. */
  play(isLast: boolean): number {
    let left = this.#plan.requests;
    for (let turn = 0; left > 0; turn++) {
      const requests = Math.min(left, this.#plan.kind === 'interactive' ? this.#random.whole(3, 12) : 40);
      left -= requests;
      this.#turn(requests, turn === 0);
      const pause = this.#plan.kind === 'interactive' ? this.#random.around(90_000, 0.8) : 1_000;
      if (left > 0) this.#pass(pause);
    }
    if (isLast && this.#plan.interrupted) this.#request('main', '', true);
    // Events leave every few seconds; the last metrics leave with the last export, which a killed process never sends.
    this.#pass(this.#random.whole(500, 3_000));
    this.process.exportLogs(this.#nowMs);
    if (!(isLast && this.#plan.killed)) this.process.exportMetrics(this.#nowMs);
    return this.#nowMs;
  }

  #turn(requests: number, isFirst: boolean): void {
    const begunMs = this.#nowMs;
    const hasCommand = this.#plan.kind === 'interactive' && this.#habits.chance(0.08);
    this.process.prompt(this.#nowMs, this.#random.around(180, 1), hasCommand ? this.#habits.pick(COMMANDS) : '');
    this.#skill = this.#habits.chance(0.1) ? this.#habits.pick(SKILLS) : [];
    if (this.#skill.length > 0) this.process.skill(this.#nowMs, this.#skill);
    if (isFirst && this.#plan.kind === 'interactive') this.#background('generate_session_title');
    for (let index = 0; index < requests; index++) {
      this.#request('main', '');
      if (this.#random.chance(0.3)) this.#tool();
      if (this.#random.chance(0.006)) this.#failure();
    }
    if (this.#random.chance(0.12)) this.#subagent();
    if (this.#contextTokens > CONTEXT_FULL_TOKENS) this.#compact();
    this.process.count('active_time.total', this.#nowMs, Math.round((this.#nowMs - begunMs) / 1000), [['type', 'cli']]);
    if (this.#plan.kind === 'interactive') this.process.count('active_time.total', this.#nowMs, this.#random.whole(5, 60), [['type', 'user']]);
    this.process.exportLogs(this.#nowMs + 900);
    if (this.#nowMs + 900 - Math.max(this.process.exportedMs, this.#plan.starts[0]) > METRIC_INTERVAL_MS)
      this.process.exportMetrics(this.#nowMs + 950);
    this.#pass(1_000);
  }

  #pass(ms: number): void {
    this.#nowMs += ms;
  }

  #request(source: 'main' | 'subagent', agent: string, interrupted = false): void {
    const family = source === 'subagent' && this.#plan.family === 'opus' ? 'sonnet' : this.#plan.family;
    const { model, rates } = modelOn(family, this.#plan.day);
    const size = this.#size(source);
    const durationMs = 1_200 + Math.round(size.output * MS_PER_OUTPUT_TOKEN);
    this.#pass(durationMs);
    const detail = agent !== '' ? `agent:builtin:${agent}` : this.#plan.kind === 'interactive' ? 'repl_main_thread' : 'sdk';
    const features = [...this.#skill, ...this.#mcpServer];
    this.#mcpServer = [];
    this.process.request(this.#nowMs, { model, rates, size, source, sourceDetail: detail, agent, durationMs, features }, interrupted);
  }

  /** The main conversation's context grows with every request; a subagent begins with little. */
  #size(source: 'main' | 'subagent'): RequestSize {
    const written = this.#random.around(source === 'main' ? 12_500 : 6_000, 0.7);
    const longLived = source === 'main' && this.#plan.who.signIn === 'oauth';
    const read = source === 'main' ? this.#contextTokens : this.#random.whole(9_000, 60_000);
    if (source === 'main') this.#contextTokens = Math.min(this.#contextTokens + written, CONTEXT_FULL_TOKENS * 1.5);
    const lifetimes = longLived ? { write5m: 0, write1h: written } : { write5m: written, write1h: 0 };
    return { input: this.#random.whole(3, 400), output: this.#random.around(3_600, 0.8) + 20, read: Math.round(read), ...lifetimes };
  }

  /** Titles, summaries and the like run on the small model, in the background. */
  #background(sourceDetail: string): void {
    const { model, rates } = modelOn('haiku', this.#plan.day);
    const size = { input: this.#random.whole(300, 2_500), output: this.#random.whole(10, 90), read: 0, write5m: 0, write1h: 0 };
    this.process.request(this.#nowMs + 300, { model, rates, size, source: 'auxiliary', sourceDetail, agent: '', durationMs: 700 });
  }

  #subagent(): void {
    const agent = this.#random.pick(['general-purpose', 'Explore', 'Plan']);
    const begunMs = this.#nowMs;
    const requests = this.#random.whole(2, 6);
    for (let index = 0; index < requests; index++) this.#request('subagent', agent);
    this.process.event('subagent_completed', this.#nowMs, [
      ['agent_type', agent],
      ['agent.source', 'built-in'],
      ['is_built_in', true],
      ['total_tool_uses', requests - 1],
      ['duration_ms', this.#nowMs - begunMs],
    ]);
  }

  #tool(): void {
    const tool = this.#random.pick(TOOLS);
    const durationMs = this.#random.around(420, 1.2);
    this.#pass(durationMs);
    this.process.event('tool_result', this.#nowMs, [
      ['tool_name', tool],
      ['tool_use_id', `toolu_01${this.#random.base62(22)}`],
      ['success', String(!this.#random.chance(0.06))],
      ['duration_ms', String(durationMs)],
    ]);
    if (tool === 'mcp_tool') this.#mcpServer = [['mcp_server.name', this.#habits.pick(MCP_SERVERS)]];
    if (tool === 'Edit' || tool === 'Write') this.#edit(tool);
    if (tool === 'Bash' && this.#random.chance(0.05)) this.process.count('commit.count', this.#nowMs, 1, []);
    if (tool === 'Bash' && this.#random.chance(0.012)) this.process.count('pull_request.count', this.#nowMs, 1, []);
  }

  #edit(tool: string): void {
    const accepted = !this.#random.chance(0.07);
    this.process.count('code_edit_tool.decision', this.#nowMs, 1, [
      ['decision', accepted ? 'accept' : 'reject'],
      ['source', accepted ? 'config' : 'user_reject'],
      ['tool_name', tool],
      ['language', LANGUAGES[this.#plan.who.index % LANGUAGES.length] ?? 'TypeScript'],
    ]);
    if (!accepted) return;
    this.process.count('lines_of_code.count', this.#nowMs, this.#random.around(22, 0.9), [['type', 'added']]);
    this.process.count('lines_of_code.count', this.#nowMs, this.#random.around(9, 0.9), [['type', 'removed']]);
  }

  /** A request that failed for good after all retries. */
  #failure(): void {
    const status = this.#random.weighted([
      [529, 6],
      [429, 3],
      [500, 1],
    ]);
    const { model } = modelOn(this.#plan.family, this.#plan.day);
    const attempts = this.#random.whole(2, 11);
    this.#pass(attempts * 1_500);
    this.process.event('api_error', this.#nowMs, [
      ['model', model],
      ['error', `${status} from the API`],
      ['status_code', status],
      ['duration_ms', attempts * 1_400],
      ['attempt', attempts],
      ['request_id', this.process.requestId()],
    ]);
    this.process.event('api_retries_exhausted', this.#nowMs, [
      ['model', model],
      ['status_code', status],
      ['total_attempts', attempts],
      ['total_retry_duration_ms', attempts * 1_450],
    ]);
  }

  #compact(): void {
    const before = this.#contextTokens;
    this.#contextTokens = 40_000;
    this.process.event('compaction', this.#nowMs, [
      ['trigger', 'auto'],
      ['success', 'true'],
      ['duration_ms', '41000'],
      ['pre_tokens', String(before)],
      ['post_tokens', '40000'],
    ]);
  }
}
