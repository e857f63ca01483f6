/** What waits for a writer, as groups that are one transaction each. */

/** Bounds how long one transaction can take, and with it how long the last export in it waits. */
const ENTRIES_PER_TRANSACTION = 8_000;

interface Sized {
  readonly entries: { readonly length: number };
}

export function* inGroups<Job extends Sized>(jobs: readonly Job[]): Iterable<readonly Job[]> {
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
