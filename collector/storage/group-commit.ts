/**
 * Group commit: what arrives while a transaction runs becomes the next one, so that the group grows with the load and with the slowness of the
 * store. Exports that come often, but not so often that they pile up, would still be a transaction each, which writes the same pages again and
 * again: they wait for each other a little.
 */

/** So long an export waits for others that may come. Clients wait ten seconds for an answer. */
const GATHER_MS = 20;
/** So many wait for no more. */
const ENOUGH = 16;
/** After a wait in which nothing came, so many groups are not waited for: whoever sends one export after another would only wait. */
const NOT_WAITED_FOR = 32;
/** Bounds how long one transaction can take, and with it how long the last export in it waits. */
const ENTRIES_PER_TRANSACTION = 8_000;

interface Sized {
  readonly entries: { readonly length: number };
}

/** What waits for a writer. */
export class WaitingJobs<Job extends Sized> {
  readonly #commit: () => void;
  readonly #gathers: boolean;
  #jobs: Job[] = [];
  #timer: NodeJS.Timeout | undefined;
  #committedMs = Number.NEGATIVE_INFINITY;
  #notWaitedFor = 0;

  /** `commit` is called once for what waits, and takes it then or later. `gathers`: do exports wait for each other? */
  constructor(commit: () => void, { gathers }: { readonly gathers: boolean }) {
    this.#commit = commit;
    this.#gathers = gathers;
  }

  add(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1 && this.#mayGather()) this.#timer = setTimeout(this.#gathered, GATHER_MS);
    else if (this.#jobs.length === 1) setImmediate(this.#commit);
    else if (this.#jobs.length === ENOUGH && this.#timer !== undefined) {
      clearTimeout(this.#timer);
      setImmediate(this.#commit);
    }
  }

  /** All that waits, as groups that are one transaction each, to be committed one after the other. */
  *take(): Iterable<readonly Job[]> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    yield* inGroups(jobs);
    this.#committedMs = performance.now();
  }

  /** Was the last commit so shortly before that others may follow? */
  #mayGather(): boolean {
    if (!this.#gathers || performance.now() - this.#committedMs > GATHER_MS) return false;
    if (this.#notWaitedFor === 0) return true;
    this.#notWaitedFor--;
    return false;
  }

  readonly #gathered = (): void => {
    if (this.#jobs.length === 1) this.#notWaitedFor = NOT_WAITED_FOR;
    this.#commit();
  };
}

function* inGroups<Job extends Sized>(jobs: readonly Job[]): Iterable<readonly Job[]> {
  let group: Job[] = [];
  let entries = 0;
  for (const job of jobs) {
    if (group.length > 0 && entries + job.entries.length > ENTRIES_PER_TRANSACTION) {
      yield group;
      group = [];
      entries = 0;
    }
    group.push(job);
    entries += job.entries.length;
  }
  if (group.length > 0) yield group;
}
