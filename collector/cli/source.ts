/**
 * Where read commands get their figures: from the collector that runs on the data folder, from one elsewhere (--url), or from the ledger's file,
 * which any process may read while the collector writes. All give the same answers in the same shape.
 */
import { existsSync, readFileSync } from 'node:fs';
import { ROUTES } from '../catalog/names.ts';
import type { Config } from '../config/config.ts';
import { ledgerFileOf } from '../config/data-folder.ts';
import { announcedCollector } from '../config/running-collector.ts';
import { type ErrorCode, LedgerlineError } from '../core/error.ts';
import { demoBudgets } from '../demo/budgets.ts';
import { isHeld } from './collecting.ts';
import { demoFolder, type SourceOptions, settings, tokenFileOf } from './options.ts';
import type { Source } from './source-contract.ts';
import type { Terminal } from './terminal.ts';

/**
 * --url and --data force one or the other; else a running collector is asked before the file is opened. `token`: for --url, where there is no file
 * of one.
 */
export async function openSource(options: SourceOptions, terminal: Terminal, token?: string): Promise<Source> {
  const tokenFile = tokenFileOf(options, terminal);
  if (options.url !== undefined) return remoteSource(options.url, tokenFile, token);
  const configured = settings(options, terminal);
  const config = options.demo === true ? { ...configured, budgets: demoBudgets(configured) } : configured;
  // Loaded where no collector answers: who asks one needs no store.
  const openFile = async (): Promise<Source> => (await import('./local-source.ts')).openLocalSource(config, terminal);
  if (options.data !== undefined) return openFile();
  const say = (line: string): void => (options.verbose === true ? terminal.err(line) : undefined);
  const running = await runningCollector(config);
  if (running !== undefined) {
    say(`Asking the collector at ${running}.`);
    return withFallback(remoteSource(running, tokenFile), openFile, { hasToken: tokenFile !== undefined, say });
  }
  const demo =
    options.demo === true || existsSync(ledgerFileOf(config)) ? undefined : await runningCollector({ ...config, data: demoFolder(config) });
  if (demo !== undefined) {
    terminal.err('There is no ledger here: these are the figures of the demo.');
    return remoteSource(demo, tokenFile);
  }
  say(`Reading ${ledgerFileOf(config)}: no collector of this version answers.`);
  return openFile();
}

const READY_MS = 1_000;

/**
 * The address of the collector that runs on this folder, once it has answered. The lock says that the file is not left over from one that was killed;
 * of a shared ledger there is none, and commands read the database themselves.
 */
export async function runningCollector(config: Pick<Config, 'data' | 'storage'>): Promise<string | undefined> {
  const announced = announcedCollector(config);
  if (announced === undefined || !isHeld(config)) return undefined;
  const response = await fetch(new URL(ROUTES.ready, announced.url), { signal: AbortSignal.timeout(READY_MS) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true ? announced.url : undefined;
}

/** The collector that has to do what is to be written, where one runs on these files: it alone writes them. Rejects where it does not answer. */
export async function writingCollector(
  config: Pick<Config, 'data' | 'storage'>,
  hint = 'Try again once it is ready, or name it with --url.',
): Promise<string | undefined> {
  if (!isHeld(config)) return undefined;
  const url = await runningCollector(config);
  if (url !== undefined) return url;
  throw new LedgerlineError('unavailable', 'A collector is running on this ledger, and does not answer.', { hint });
}

interface Fallback {
  readonly hasToken: boolean;
  readonly say: (line: string) => void;
}

/** What the collector does not answer, the file does, to whoever may read it. */
function withFallback(remote: Source, openFile: () => Promise<Source>, { hasToken, say }: Fallback): Source {
  let local: Source | undefined;
  const either = async <Answer>(ask: (source: Source) => Promise<Answer>): Promise<Answer> => {
    if (local !== undefined) return ask(local);
    try {
      return await ask(remote);
    } catch (thrown) {
      const error = LedgerlineError.from(thrown);
      if (!isLeftToFiles(error, hasToken)) throw thrown;
      local = await openFile().catch(() => undefined); // What the collector said is the better answer.
      if (local === undefined) throw thrown;
      say(`Reading the ledger's file: ${error.message}`);
      return ask(local);
    }
  };
  return {
    ask: (...asked) => either((source) => source.ask(...asked)),
    findings: async () => (await local?.findings()) ?? [],
    export: (parameters) => either((source) => source.export(parameters)),
    close: async () => local?.close(),
  };
}

/** Who came with a token wants what it shows. */
export function isLeftToFiles({ code }: LedgerlineError, hasToken: boolean): boolean {
  const isRefused = code === 'unauthenticated' || code === 'forbidden';
  return isRefused ? !hasToken : code === 'unavailable';
}

const ANSWER_MS = 30_000;

export interface RemoteRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** How long the collector may take. */
  readonly answerMs?: number;
}

/** Asks a running collector. The answer is the parsed JSON; undefined where there is none. `token`: where there is no file of one. */
export function remoteCollector(url: string, tokenFile: string | undefined, token?: string) {
  requireAddress(url);
  const headers: Record<string, string> = { accept: 'application/json' };
  const bearer = tokenFile === undefined ? token : readToken(tokenFile);
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  return async <Answer>(path: string, { method = 'GET', body, answerMs = ANSWER_MS }: RemoteRequest = {}): Promise<Answer> => {
    const given = body === undefined ? { headers } : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const ask = answerMs > ANSWER_MS ? (await import('./patient-fetch.ts')).patientFetch : fetch;
    const response = await ask(new URL(path, url), { method, ...given, signal: AbortSignal.timeout(answerMs) }).catch((cause: unknown) => {
      throw unanswered(url, cause);
    });
    const answer: unknown = await response.json().catch(() => (response.status === 204 ? undefined : {}));
    // A collector of this version answers its own shapes; another server's answer is refused by its status.
    if (response.ok) return answer as Answer;
    throw refusal(response.status, answer);
  };
}

/** Whatever fetch refuses would pass for a collector that does not respond. */
function requireAddress(text: string): void {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new LedgerlineError('invalid', `${text.slice(0, 80)} is not the address of a collector.`, {
      hint: 'Write it with http:// or https://, such as http://127.0.0.1:8484.',
    });
  }
  if (url.username === '' && url.password === '') return;
  throw new LedgerlineError('invalid', 'The address of the collector carries a user or a password.', {
    hint: 'Leave them out, and name a file with a token in --token-file or LEDGERLINE_TOKEN_FILE.',
  });
}

function remoteSource(url: string, tokenFile: string | undefined, token?: string): Source {
  const get = remoteCollector(url, tokenFile, token);
  return {
    ask: ({ path: template }, parameters, path = {}) =>
      get(`/api/v1${template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))}?${parameters}`),
    findings: async () => [],
    export: async (parameters) => {
      const { remoteExport } = await import('./export-source.ts');
      return remoteExport((path) => remoteStream(url, tokenFile, path), parameters);
    },
    close: async () => undefined,
  };
}

/** An answer that may take any time once it has begun. */
async function remoteStream(url: string, tokenFile: string | undefined, path: string): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ANSWER_MS);
  const headers: Record<string, string> = tokenFile === undefined ? {} : { authorization: `Bearer ${readToken(tokenFile)}` };
  const response = await fetch(new URL(path, url), { headers, signal: late.signal })
    .catch((cause: unknown) => {
      throw unanswered(url, cause);
    })
    .finally(() => clearTimeout(timer));
  if (response.ok) return response;
  throw refusal(response.status, await response.json().catch(() => ({})));
}

/** What went wrong below HTTP is the cause of what fetch throws. */
function unanswered(url: string, cause: unknown): LedgerlineError {
  const code = String(field(field(cause, 'cause'), 'code') ?? '');
  if (!/CERT|SIGNATURE|^ERR_(?:TLS|SSL)/.test(code))
    return new LedgerlineError('unavailable', `No collector responds at ${url}.`, {
      cause,
      hint: 'Check --url: it is the REST port, 8484 by default.',
    });
  return new LedgerlineError('unavailable', `The collector at ${url} could not be reached over TLS (${code}).`, {
    cause,
    hint: 'Name the file of its certificate authority in NODE_EXTRA_CA_CERTS. Where it asks for client certificates, run the command beside its ledger, with --data.',
  });
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'unsupported',
  413: 'too_large',
  429: 'rate_limited',
  503: 'unavailable',
};

/** Failures of the API are problems as RFC 9457 has them; of anything else the status says enough. */
function refusal(status: number, answer: unknown): LedgerlineError {
  const text = (key: string): string | undefined => {
    const value = field(answer, key);
    return typeof value === 'string' ? value : undefined;
  };
  const about = Object.fromEntries(['parameter', 'value', 'nearest'].map((key) => [key, text(key)]).filter(([, value]) => value !== undefined));
  return new LedgerlineError(CODES[status] ?? 'internal', text('detail') ?? `The collector responded with ${status}.`, {
    ...about,
    hint: status === 401 ? TOKEN_HINT : (text('hint') ?? 'Check --url: it is the REST port, 8484 by default.'),
  });
}

const TOKEN_HINT = 'Name the file of a token with the role read in --token-file or LEDGERLINE_TOKEN_FILE.';

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** What a header takes. */
const TOKEN = /^[\x21-\x7e]+$/;

export function readToken(file: string): string {
  const token = textOf(file);
  if (TOKEN.test(token)) return token;
  throw new LedgerlineError('invalid', `--token-file: ${file} holds no token.`, { hint: 'Write the token alone on one line.' });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new LedgerlineError('invalid', `--token-file: cannot read ${file}.`, { cause, hint: 'Check the path and the permissions of the file.' });
  }
}
