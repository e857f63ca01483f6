/**
 * One line of a transcript as a request to the model's API: what an api_request event would say of it, and nothing else. Prompts, answers,
 * tools' inputs and results end here.
 */
import { dig, numberIn, textIn } from './json.ts';

export interface TranscriptTokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
  /** Undefined where the line does not say how long what was written lives. */
  readonly cacheCreation1h: number | undefined;
}

/** A model that the request consulted: billed beside it, and not in its tokens. */
export interface Advisor {
  readonly model: string;
  readonly tokens: TranscriptTokens;
}

export interface TranscriptRequest {
  /** message.id; '' where the line has none. */
  readonly messageId: string;
  readonly requestId: string;
  /** Of the line, for what has neither id. */
  readonly uuid: string;
  readonly parentUuid: string;
  readonly sessionId: string;
  readonly timeMs: number;
  readonly model: string;
  readonly tokens: TranscriptTokens;
  readonly advisors: readonly Advisor[];
  /** Tokens of each step that the API took for it, where there were several: they add up to the tokens of the request. */
  readonly iterations: readonly TranscriptTokens[];
  /** As old clients wrote it; undefined where the line has none. */
  readonly costUsd: number | undefined;
  readonly webSearches: number;
  /** As the line has it: "standard", "fast". */
  readonly speed: string | undefined;
  readonly serviceTier: string | undefined;
  readonly inferenceGeo: string | undefined;
  readonly isSidechain: boolean;
  readonly effort: string | undefined;
  readonly version: string | undefined;
  readonly entryPoint: string | undefined;
  readonly cwd: string | undefined;
  readonly agent: string | undefined;
  readonly skill: string | undefined;
  readonly plugin: string | undefined;
  readonly mcpServer: string | undefined;
}

/** Why a line counts for nothing: broken ones are told apart from those that are no request. */
export type Skipped = 'other' | 'synthetic' | 'error' | 'empty' | 'broken' | 'no_session' | 'no_time' | 'bad_usage';

export type ReadLine = TranscriptRequest | Skipped;

/** By the lifetime of what was written; what the split leaves over is of five minutes. */
export function writesOf({ cacheCreation, cacheCreation1h = 0 }: TranscriptTokens): {
  readonly cacheCreation5m: number;
  readonly cacheCreation1h: number;
} {
  const written1h = Math.min(cacheCreation1h, cacheCreation);
  return { cacheCreation5m: cacheCreation - written1h, cacheCreation1h: written1h };
}

const SYNTHETIC = '<synthetic>';
/** Every line of a request has it; parsing the others would take most of the time. */
const USAGE = '"usage"';

export function readTranscriptLine(text: string): ReadLine {
  const line = text.trim();
  if (line === '') return 'other';
  if (!line.startsWith('{') || !line.endsWith('}')) return 'broken';
  if (!line.includes(USAGE)) return 'other';
  const parsed = parse(line);
  if (parsed === undefined) return 'broken';
  // An agent's step within the transcript of its session: the line of the request stands inside.
  const isProgress = dig(parsed, 'data', 'type') === 'agent_progress';
  const inner = isProgress ? dig(parsed, 'data', 'message') : parsed;
  return textIn(inner, 'type') === 'assistant' ? readRequest(inner, parsed, isProgress) : 'other';
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readRequest(inner: unknown, outer: unknown, isProgress: boolean): ReadLine {
  if (dig(inner, 'isApiErrorMessage') === true) return 'error';
  const model = textIn(inner, 'message', 'model') ?? '';
  if (model === SYNTHETIC) return 'synthetic';
  const usage = dig(inner, 'message', 'usage');
  if (usage === undefined || usage === null) return 'other';
  const text = (...path: readonly string[]) => textIn(inner, ...path) ?? textIn(outer, ...path);
  // A copy in a fork belongs to the session that it was copied from.
  const sessionId = text('forkedFrom', 'sessionId') ?? text('sessionId');
  if (sessionId === undefined) return 'no_session';
  const timeMs = Date.parse(text('timestamp') ?? '');
  if (Number.isNaN(timeMs)) return 'no_time';
  const tokens = readTokens(usage);
  const steps = readSteps(usage);
  if (tokens === undefined || steps === undefined) return 'bad_usage';
  const { advisors, iterations } = steps;
  if (totalOf(tokens) === 0 && advisors.length === 0) return 'empty';
  return {
    ...{ sessionId, timeMs, model, tokens, advisors, iterations: iterations.length > 1 ? iterations : [] },
    messageId: textIn(inner, 'message', 'id') ?? '',
    requestId: text('requestId') ?? '',
    uuid: text('uuid') ?? '',
    parentUuid: text('parentUuid') ?? '',
    costUsd: numberIn(inner, 'costUSD') ?? numberIn(outer, 'costUSD'),
    webSearches: numberIn(usage, 'server_tool_use', 'web_search_requests') ?? 0,
    speed: textIn(usage, 'speed'),
    serviceTier: textIn(usage, 'service_tier'),
    inferenceGeo: textIn(usage, 'inference_geo'),
    isSidechain: isProgress || dig(inner, 'isSidechain') === true,
    effort: text('effort'),
    version: text('version'),
    entryPoint: text('entrypoint'),
    cwd: text('cwd'),
    agent: text('attributionAgent'),
    skill: text('attributionSkill'),
    plugin: text('attributionPlugin'),
    mcpServer: text('attributionMcpServer'),
  };
}

export const totalOf = ({ input, output, cacheRead, cacheCreation }: TranscriptTokens): number => input + output + cacheRead + cacheCreation;

/** Undefined where a count is none. */
function readTokens(usage: unknown): TranscriptTokens | undefined {
  const written5m = count(usage, 'cache_creation', 'ephemeral_5m_input_tokens');
  const written1h = count(usage, 'cache_creation', 'ephemeral_1h_input_tokens');
  const tokens = {
    input: count(usage, 'input_tokens') ?? 0,
    output: count(usage, 'output_tokens') ?? 0,
    cacheRead: count(usage, 'cache_read_input_tokens') ?? 0,
    cacheCreation: count(usage, 'cache_creation_input_tokens') ?? (written5m ?? 0) + (written1h ?? 0),
    cacheCreation1h: written1h,
  };
  return Number.isNaN(totalOf(tokens) + (written1h ?? 0)) ? undefined : tokens;
}

const COUNT_MAX = 1e9;

/** NaN for what is no count; undefined where there is nothing. */
function count(usage: unknown, ...path: readonly string[]): number | undefined {
  const value = dig(usage, ...path);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' && value >= 0 && value <= COUNT_MAX ? Math.round(value) : Number.NaN;
}

/** Undefined where a count is none. Tokens of advisors are not in those of the request; those of the other iterations are. */
function readSteps(usage: unknown): Pick<TranscriptRequest, 'advisors' | 'iterations'> | undefined {
  const advisors: Advisor[] = [];
  const iterations: TranscriptTokens[] = [];
  const steps = dig(usage, 'iterations');
  for (const step of Array.isArray(steps) ? steps : []) {
    const tokens = readTokens(step);
    if (tokens === undefined) return undefined;
    if (textIn(step, 'type') !== 'advisor_message') iterations.push(tokens);
    else if (totalOf(tokens) > 0) advisors.push({ model: textIn(step, 'model') ?? '', tokens });
  }
  return { advisors, iterations };
}
