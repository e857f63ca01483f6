/** When exports that follow each other fast are committed to the file: together, every other second. See redo-log.ts. */

/** So long after the last one an export belongs to the same burst. When none came for so long, the burst is committed. */
const BURST_MS = 50;
/** So far the file may be behind what was acknowledged: who reads it from another process waits no longer, and neither does a start after a kill. */
const OPEN_MAX_MS = 2_000;
/** Of the redo log. */
const BYTES_MAX = 8 * 1024 * 1024;

export class CommitPace {
  readonly #commit: () => void;
  #lastMs = Number.NEGATIVE_INFINITY;
  #openedMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** `commit` is called when a burst is over. */
  constructor(commit: () => void) {
    this.#commit = commit;
  }

  /** Asked before a group is applied, at that time; `bytes`: of what was deferred since the last commit. */
  isDeferred(nowMs: number, bytes: number): boolean {
    return nowMs - this.#lastMs < BURST_MS && nowMs - this.#openedMs < OPEN_MAX_MS && bytes < BYTES_MAX;
  }

  /** After each group. */
  note(nowMs: number, isDeferred: boolean): void {
    this.#lastMs = nowMs;
    if (isDeferred) this.#arm();
    else this.committed(nowMs);
  }

  /** The file has everything. */
  committed(nowMs: number): void {
    this.#openedMs = nowMs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A burst could not be committed. */
  failed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#commit, OPEN_MAX_MS);
  }

  /** Nothing more is committed. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(this.#commit, BURST_MS);
    else this.#timer.refresh();
  }
}
