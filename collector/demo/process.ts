/**
 * One process of Claude Code, as far as its telemetry goes: it counts into series, queues events, and exports both.
 * What a version did not have yet is left out, as it is on the wire of that version.
 */
import { costOf, type Rates, type RequestSize } from './models.ts';
import { type Person, versionNumber } from './people.ts';
import type { Random } from './random.ts';
import type { DemoAttributes, DemoExport, DemoLog, DemoMetric, DemoPoint, DemoProcess, DemoValue } from './wire.ts';

/** What is reported as the cost of a session and model, in pico-dollars; what must be booked is the larger. */
export interface Reported {
  events: number;
  metrics: number;
}

export interface ProcessOptions {
  readonly who: Person;
  readonly sessionId: string;
  readonly version: string;
  readonly repository: string;
  readonly terminal: string;
  readonly entrypoint: string;
  readonly startMs: number;
  readonly startType: 'fresh' | 'resume' | 'continue';
  readonly random: Random;
  /** Shared by all processes of the session. */
  readonly reported: Map<string, Reported>;
}

export interface ModelRequest {
  readonly model: string;
  readonly rates: Rates;
  readonly size: RequestSize;
  readonly source: 'main' | 'subagent' | 'auxiliary';
  /** The event's finer word for it. */
  readonly sourceDetail: string;
  readonly agent: string;
  readonly durationMs: number;
  /** Active skill, its plugin, the MCP server whose result it reads: on the event and on the metrics. */
  readonly features?: DemoAttributes;
}

interface Series {
  readonly metric: string;
  readonly attributes: DemoAttributes;
  value: number;
  startMs: number;
}

const UNITS: Readonly<Record<string, string>> = { 'cost.usage': 'USD', 'token.usage': 'tokens', 'active_time.total': 's' };
const PICO_PER_USD = 1e12;

/** First version that sends numbers as numbers; request_id; sequence numbers; sources on metrics; repository; cache lifetimes. */
const SINCE = { numbers: 2_001_122, requestId: 2_001_120, sequence: 2_001_059, sources: 2_001_120, repository: 2_001_269, lifetimes: 2_001_329 };

export class ClientProcess {
  readonly exports: DemoExport[] = [];
  readonly #options: ProcessOptions;
  readonly #version: number;
  readonly #process: DemoProcess;
  readonly #series = new Map<string, Series>();
  #logs: DemoLog[] = [];
  #sequence = 0;
  #promptId = '';
  #exportedMs = 0;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#version = versionNumber(options.version);
    const claimed = resourceAttributes(options.who);
    this.#process = {
      version: options.version,
      temporality: options.who.temporality,
      resource: [...claimed, ...machineAttributes(options.who), ['service.name', 'claude-code'], ['service.version', options.version]],
      standard: [...claimed, ...standardAttributes(options, this.#version)],
    };
    this.count('session.count', options.startMs, 1, this.#version >= SINCE.requestId ? [['start_type', options.startType]] : []);
  }

  /** A person's prompt; what follows belongs to it. */
  prompt(timeMs: number, length: number, command = ''): void {
    this.#promptId = this.#options.random.uuid();
    const slash: DemoAttributes =
      command === '' || this.#version < SINCE.sources
        ? []
        : [
            ['command_name', command],
            ['command_source', 'builtin'],
          ];
    this.event('user_prompt', timeMs, [['prompt_length', String(length)], ['prompt', '<REDACTED>'], ...slash]);
  }

  /** A skill begins to steer the requests that follow. */
  skill(timeMs: number, features: DemoAttributes): void {
    if (this.#version >= SINCE.sources) this.event('skill_activated', timeMs, [...features, ['invocation_trigger', 'claude-proactive']]);
  }

  event(event: string, timeMs: number, attributes: DemoAttributes): void {
    const own: (readonly [string, DemoValue])[] = [
      ['event.name', event],
      ['event.timestamp', new Date(timeMs).toISOString()],
    ];
    if (this.#version >= SINCE.sequence) own.push(['event.sequence', this.#sequence++]);
    if (this.#version >= SINCE.sequence && this.#promptId !== '') own.push(['prompt.id', this.#promptId]);
    for (const attribute of attributes) own.push(this.#spelt(attribute));
    this.#logs.push({ timeMs, event, attributes: own });
  }

  /** A successful request: reported by the event and by the metrics. An interrupted one is reported by the metrics alone. */
  request(timeMs: number, request: ModelRequest, interrupted = false): void {
    const cost = costOf(request.model, request.rates, request.size);
    const reported = this.#reportedOf(request.model);
    if (!interrupted) {
      reported.events += cost;
      this.event('api_request', timeMs, this.#requestAttributes(request, cost));
    }
    const { size } = request;
    const shared = this.#usageAttributes(request);
    this.count('cost.usage', timeMs, cost, shared);
    this.count('token.usage', timeMs, size.input, [...shared, ['type', 'input']]);
    this.count('token.usage', timeMs, size.output, [...shared, ['type', 'output']]);
    this.count('token.usage', timeMs, size.read, [...shared, ['type', 'cacheRead']]);
    this.count('token.usage', timeMs, size.write5m + size.write1h, [...shared, ['type', 'cacheCreation']]);
  }

  count(metric: string, timeMs: number, value: number, attributes: DemoAttributes): void {
    if (value === 0) return;
    let key = metric;
    for (const [, own] of attributes) key += `/${own}`;
    const series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, { metric, attributes, value, startMs: timeMs });
    else {
      if (series.startMs === 0) series.startMs = timeMs;
      series.value += value;
    }
  }

  exportLogs(timeMs: number): void {
    if (this.#logs.length === 0) return;
    this.exports.push({ signal: 'logs', sessionId: this.#options.sessionId, timeMs, process: this.#process, logs: this.#logs });
    this.#logs = [];
  }

  /** Delta: what came since the last export. Cumulative: every series since its own start. */
  exportMetrics(timeMs: number): void {
    const isDelta = this.#process.temporality === 'delta';
    const metrics = new Map<string, DemoPoint[]>();
    for (const series of this.#series.values()) {
      if (series.value === 0) continue;
      const points = metrics.get(series.metric) ?? [];
      metrics.set(series.metric, points);
      const value = series.metric === 'cost.usage' ? series.value / PICO_PER_USD : series.value;
      points.push({ startMs: series.startMs, timeMs, value, attributes: series.attributes });
      if (isDelta) this.#settle(series, timeMs);
    }
    if (metrics.size === 0) return;
    if (!isDelta) this.#settleCumulative();
    const named: DemoMetric[] = [...metrics].map(([name, points]) => ({ name, unit: UNITS[name] ?? '', points }));
    this.exports.push({ signal: 'metrics', sessionId: this.#options.sessionId, timeMs, process: this.#process, metrics: named });
    this.#exportedMs = timeMs;
  }

  get exportedMs(): number {
    return this.#exportedMs;
  }

  /** The next point of a series that was just exported starts here; one that pauses starts at its next increment. */
  #settle(series: Series, timeMs: number): void {
    this.#reportMetric(series, series.value);
    series.value = 0;
    series.startMs = timeMs;
  }

  readonly #cumulativeReported = new Map<Series, number>();
  #settleCumulative(): void {
    for (const series of this.#series.values()) {
      this.#reportMetric(series, series.value - (this.#cumulativeReported.get(series) ?? 0));
      this.#cumulativeReported.set(series, series.value);
    }
  }

  #reportMetric(series: Series, cost: number): void {
    if (series.metric !== 'cost.usage') return;
    const [model] = series.attributes;
    this.#reportedOf(bareModel(String(model?.[1]))).metrics += cost;
  }

  #reportedOf(model: string): Reported {
    const reported = this.#options.reported.get(model) ?? { events: 0, metrics: 0 };
    this.#options.reported.set(model, reported);
    return reported;
  }

  #usageAttributes(request: ModelRequest): DemoAttributes {
    const model = ['model', metricModel(request.model, this.#options.who)] as const;
    if (this.#version < SINCE.sources) return [model];
    const attributes: (readonly [string, DemoValue])[] = [model, ['query_source', request.source]];
    if (request.source !== 'auxiliary') attributes.push(['effort', 'medium']);
    if (request.agent !== '') attributes.push(['agent.name', request.agent]);
    if (this.#version >= SINCE.sources) attributes.push(...(request.features ?? []));
    return attributes;
  }

  #requestAttributes(request: ModelRequest, cost: number): DemoAttributes {
    const { size } = request;
    const attributes: (readonly [string, DemoValue])[] = [
      ['model', request.model],
      ['input_tokens', size.input],
      ['output_tokens', size.output],
      ['cache_read_tokens', size.read],
      ['cache_creation_tokens', size.write5m + size.write1h],
      ['cost_usd', { double: cost / PICO_PER_USD }],
      ['duration_ms', request.durationMs],
    ];
    if (this.#version >= SINCE.lifetimes) attributes.push(['cache_creation_5m_tokens', size.write5m], ['cache_creation_1h_tokens', size.write1h]);
    if (this.#version >= SINCE.numbers) {
      attributes.push(['cost_usd_micros', Math.round(cost / 1e6)], ['ttft_ms', Math.round(400 + request.durationMs * 0.1)], ['speed', 'normal']);
    }
    if (this.#version >= SINCE.requestId) attributes.push(['request_id', this.requestId()], ['query_source', request.sourceDetail]);
    if (request.source !== 'auxiliary' && this.#version >= SINCE.sources) attributes.push(['effort', 'medium']);
    if (request.agent !== '') attributes.push(['agent.name', request.agent]);
    if (this.#version >= SINCE.sources) attributes.push(...(request.features ?? []));
    return attributes;
  }

  requestId(): string {
    return `req_011C${this.#options.random.base62(20)}`;
  }

  /** Up to 2.1.121 every attribute of an event is a string. */
  #spelt(attribute: readonly [string, DemoValue]): readonly [string, DemoValue] {
    const [key, value] = attribute;
    if (this.#version >= SINCE.numbers || typeof value === 'string') return attribute;
    return [key, String(typeof value === 'object' ? value.double : value)];
  }
}

/** The metric carries the configured model id, the event the one that the API answered with. */
function metricModel(model: string, who: Person): string {
  if (who.provider === 'bedrock') return `us.anthropic.${model}-v1:0`;
  return who.longContext && !model.includes('haiku') ? `${model}[1m]` : model;
}

const bareModel = (model: string): string => model.replace('[1m]', '').replace('us.anthropic.', '').replace('-v1:0', '');

/** A terminal that only one system has says which one it is. */
const SYSTEMS: Readonly<Record<string, string>> = { 'windows-terminal': 'windows', tmux: 'linux', 'iTerm.app': 'darwin' };

function machineAttributes({ terminal, index }: Person): DemoAttributes {
  const system = SYSTEMS[terminal] ?? (index % 4 === 0 ? 'linux' : 'darwin');
  return [
    ['host.arch', system === 'darwin' ? 'arm64' : 'amd64'],
    ['os.type', system],
  ];
}

/** OTEL_RESOURCE_ATTRIBUTES of the team's settings. */
function resourceAttributes(who: Person): DemoAttributes {
  const attributes: (readonly [string, DemoValue])[] = [];
  if (who.team !== '') attributes.push(['team.id', who.team], ['department', who.department], ['cost_center', who.costCenter]);
  if (who.signIn === 'api_key_with_enduser') attributes.push(['enduser.id', `${who.name}@example.com`]);
  return attributes;
}

export const ORGANIZATION_ID = '5f0c1d3e-0000-4000-8000-acde00000001';

function standardAttributes({ who, sessionId, version, repository, terminal, entrypoint }: ProcessOptions, number: number): DemoAttributes {
  const attributes: (readonly [string, DemoValue])[] = [
    ['user.id', who.installationId],
    ['session.id', sessionId],
  ];
  if (who.signIn === 'oauth') {
    attributes.push(['organization.id', ORGANIZATION_ID], ['user.account_uuid', who.accountUuid], ['user.email', `${who.name}@example.com`]);
  }
  if (number >= SINCE.repository) {
    attributes.push(['anthropic.provider', who.provider], ['vcs.repository.name', repository], ['app.entrypoint', entrypoint]);
  }
  attributes.push(['terminal.type', terminal], ['app.version', version]);
  return attributes;
}
