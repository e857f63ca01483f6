/** Reads transcripts: from files to requests, with what was left out and why. */
import { readFile, stat } from 'node:fs/promises';
import { MINUTE_MS } from '../../core/duration.ts';
import { type CollectedRequest, TranscriptRequests } from './collect.ts';
import { findTranscripts, type TranscriptFile } from './find.ts';
import { textIn } from './json.ts';
import { readLines } from './lines.ts';
import { readTranscriptLine, type Skipped } from './request.ts';

export interface ScanOptions {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** They are the usual places, where nothing may be. */
  readonly areUsual?: boolean | undefined;
  readonly nowMs: number;
  /** Only requests of this time. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  /** Files that are known as they are, and not read again. */
  readonly isKnown?: ((file: TranscriptFile) => boolean) | undefined;
  readonly progress?: ((files: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Scan {
  readonly requests: readonly CollectedRequest[];
  /** Read whole: nothing of theirs is still being written. */
  readonly settled: readonly TranscriptFile[];
  readonly files: number;
  readonly filesKnown: number;
  readonly unreadable: readonly string[];
  readonly lines: number;
  /** Lines that are no request, by why. */
  readonly skipped: Readonly<Partial<Record<Skipped | 'too_long', number>>>;
  /** The first broken lines, as "file:line". */
  readonly broken: readonly string[];
  /** Lines that repeat a request. */
  readonly repeats: number;
  /** The newest requests of files that are still written: the next import has them. */
  readonly unfinished: number;
  /** Requests outside the time that was asked for. */
  readonly outside: number;
}

const BROKEN_NAMED = 10;
/** A response is written block by block; one that is not whole after so long never will be. */
const WRITING_MS = 10 * MINUTE_MS;

export async function scanTranscripts(options: ScanOptions): Promise<Scan> {
  const scanner = new Scanner(options);
  return scanner.scan();
}

class Scanner {
  readonly #options: ScanOptions;
  readonly #requests = new TranscriptRequests();
  readonly #unreadable: string[] = [];
  readonly #skipped: Partial<Record<Skipped | 'too_long', number>> = {};
  readonly #broken: string[] = [];
  /** Of files that are still written: the keys of their newest requests. */
  readonly #unfinished = new Set<string>();
  #lines = 0;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  async scan(): Promise<Scan> {
    const { paths, areUsual, isKnown = () => false, progress, signal } = this.#options;
    const files = await findTranscripts(paths, (path) => this.#unreadable.push(path), areUsual);
    const fresh = files.filter((file) => !isKnown(file));
    const settled: TranscriptFile[] = [];
    for (const [index, file] of fresh.entries()) {
      signal?.throwIfAborted();
      progress?.(index, fresh.length);
      if (await this.#attempt(file)) settled.push(file);
    }
    const requests = this.#requests.all();
    const whole = requests.filter(({ key }) => !this.#unfinished.has(key));
    const wanted = whole.filter((request) => this.#isWanted(request));
    return {
      requests: wanted,
      settled: wanted.length === whole.length ? settled : [],
      files: files.length,
      filesKnown: files.length - fresh.length,
      unreadable: this.#unreadable,
      lines: this.#lines,
      skipped: this.#skipped,
      broken: this.#broken,
      repeats: this.#requests.repeats,
      unfinished: requests.length - whole.length,
      outside: whole.length - wanted.length,
    };
  }

  #isWanted({ timeMs }: CollectedRequest): boolean {
    const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = this.#options;
    return timeMs >= fromMs && timeMs < toMs;
  }

  /** True when the file was read whole and is not being written. */
  async #attempt(file: TranscriptFile): Promise<boolean> {
    try {
      const newest = await this.#read(file);
      const after = await stat(file.path);
      const isWritten = after.size !== file.size || this.#options.nowMs - after.mtimeMs < WRITING_MS;
      if (isWritten && newest !== undefined) this.#unfinished.add(newest.key);
      return !isWritten;
    } catch {
      this.#unreadable.push(file.path);
      return false;
    }
  }

  /** Answers its newest request. */
  async #read({ path, size }: TranscriptFile): Promise<CollectedRequest | undefined> {
    const agent = await agentOf(path);
    const collect = this.#requests.file();
    let newest: CollectedRequest | undefined;
    let number = 0;
    for await (const line of readLines(path, size)) {
      number++;
      this.#lines++;
      const read = line === undefined ? 'too_long' : readTranscriptLine(line);
      if (typeof read === 'string') this.#skip(read, `${path}:${number}`);
      else newest = collect(agent === undefined || read.agent !== undefined ? read : { ...read, agent });
    }
    return newest;
  }

  #skip(reason: Skipped | 'too_long', place: string): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    if (!HARMLESS.has(reason) && this.#broken.length < BROKEN_NAMED) this.#broken.push(place);
  }
}

/** Lines that are as they should be, and no request. */
export const HARMLESS: ReadonlySet<string> = new Set<Skipped>(['other', 'synthetic', 'error', 'empty']);

/** What kind of agent wrote the transcript: that stands in a file beside it. */
async function agentOf(path: string): Promise<string | undefined> {
  if (!/[/\\]agent-[^/\\]*\.jsonl$/.test(path)) return undefined;
  try {
    return textIn(JSON.parse(await readFile(path.replace(/\.jsonl$/, '.meta.json'), 'utf8')), 'agentType');
  } catch {
    return undefined;
  }
}
