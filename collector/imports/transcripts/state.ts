/** What was sent and answered, so that an import goes on where it stopped, and reads only what is new. */
import { hash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWholeFile } from '../../core/whole-file.ts';
import type { CollectedRequest } from './collect.ts';
import type { TranscriptFile } from './find.ts';
import { dig } from './json.ts';

type Env = Readonly<Record<string, string | undefined>>;

const FORM = 1;
const DIGEST_CHARACTERS = 16;

/** One for each collector that is sent to. */
export function statePath(url: string, env: Env, home: string): string {
  const folder = env.XDG_STATE_HOME || join(home, '.local', 'state');
  return join(folder, 'ledgerline', `transcripts-${digestOf(url)}.json`);
}

const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, DIGEST_CHARACTERS);

export class ImportState {
  readonly #file: string;
  readonly #sent: Set<string>;
  /** Size and time of change of files that were sent as a whole. */
  readonly #files: Map<string, string>;

  private constructor(file: string, sent: Iterable<string>, files: Iterable<readonly [string, string]>) {
    this.#file = file;
    this.#sent = new Set(sent);
    this.#files = new Map(files);
  }

  /** A file that is not there, or is none of ours, says that nothing was sent: sending again changes nothing. */
  static open(file: string): ImportState {
    const text = readText(file);
    const state = text === undefined ? undefined : parse(text);
    const [sent, files] = [dig(state, 'sent'), dig(state, 'files')];
    if (dig(state, 'form') !== FORM || !Array.isArray(sent) || typeof files !== 'object' || files === null) return ImportState.empty(file);
    return new ImportState(
      file,
      sent.map(String),
      Object.entries(files).map(([path, facts]) => [path, String(facts)] as const),
    );
  }

  static empty(file: string): ImportState {
    return new ImportState(file, [], []);
  }

  get path(): string {
    return this.#file;
  }

  knows(file: TranscriptFile): boolean {
    return this.#files.get(file.path) === factsOf(file);
  }

  hasSent(request: CollectedRequest): boolean {
    return this.#sent.has(digestOf(request.key));
  }

  note(requests: readonly CollectedRequest[]): void {
    for (const { key } of requests) this.#sent.add(digestOf(key));
  }

  noteFiles(files: readonly TranscriptFile[]): void {
    for (const file of files) this.#files.set(file.path, factsOf(file));
  }

  async save(): Promise<void> {
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ form: FORM, files: Object.fromEntries(this.#files), sent: [...this.#sent] });
    await writeWholeFile(this.#file, [Buffer.from(text)]);
    chmodSync(this.#file, 0o600);
  }
}

const factsOf = ({ size, changedMs }: TranscriptFile): string => `${size} ${changedMs}`;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
