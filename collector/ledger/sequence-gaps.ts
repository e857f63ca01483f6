/**
 * What the clients' own event numbers say about loss. Each process counts its events from 0; a resumed session is another
 * process that counts again, and one that takes a session over begins anywhere. Read oldest first, a number continues the
 * process that stands right before it, else the latest one that stands lower (what lies between is missing), else it is a
 * process of its own. What was lost before a process's first number or after its last cannot be seen.
 */

/** An event's place among the others of its session. */
export interface NumberedEvent {
  readonly timeMs: number;
  readonly sequence: number;
}

/** Processes of one session that may still go on. Terminals that share a session are two; more than a few are not seen. */
const PROCESSES_MAX = 4;

export const inSequenceOrder = (a: NumberedEvent, b: NumberedEvent) => a.timeMs - b.timeMs || a.sequence - b.sequence;

/** The running state of one session. Depends only on which events there are, since they are read in their own order. */
export class SequenceTracker {
  /** The last number of each process, the latest process at the end. */
  #processes: number[] = [];
  #last: NumberedEvent | undefined;
  events = 0;
  missing = 0;

  copy(): SequenceTracker {
    const copy = new SequenceTracker();
    copy.#processes = [...this.#processes];
    copy.#last = this.#last;
    copy.events = this.events;
    copy.missing = this.missing;
    return copy;
  }

  /** Can the event be counted on top of what is here, or must the session be read again? */
  isNext(event: NumberedEvent): boolean {
    return this.#last === undefined || inSequenceOrder(this.#last, event) <= 0;
  }

  /** Counts an event for which isNext holds. */
  add({ timeMs, sequence }: NumberedEvent): void {
    const at = this.#processOf(sequence);
    const [before] = at === -1 ? [] : this.#processes.splice(at, 1);
    if (before !== undefined) this.missing += sequence - before - 1;
    this.#processes.push(sequence);
    if (this.#processes.length > PROCESSES_MAX) this.#processes.shift();
    this.#last = { timeMs, sequence };
    this.events++;
  }

  #processOf(sequence: number): number {
    const right = this.#processes.lastIndexOf(sequence - 1);
    return right === -1 ? this.#processes.findLastIndex((last) => last < sequence) : right;
  }
}

/** Counts a whole session, in any order given. */
export function readSequences(events: readonly NumberedEvent[]): SequenceTracker {
  const tracker = new SequenceTracker();
  for (const event of events.toSorted(inSequenceOrder)) tracker.add(event);
  return tracker;
}
