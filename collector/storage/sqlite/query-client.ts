/** The ledger on a thread of its own, for those whose own thread must stay free: a query over ten thousand users takes a while. */
import { Worker } from 'node:worker_threads';
import { LedgerlineError } from '../../core/error.ts';
import type { Person, Query, Row } from '../../ledger/ledger.ts';
import type { ReaderOptions } from './ledger-reader.ts';
import type { FromQuerySide, PeopleColumns, QueryColumns, ToQuerySide } from './query-worker.ts';

type Waiting = PromiseWithResolvers<QueryColumns | PeopleColumns>;

const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

/** An error of ours comes from the other thread with the name of its class. */
const unreadable = (reason: string): LedgerlineError =>
  new LedgerlineError('unavailable', `The ledger cannot be read: ${reason.replace(/^LedgerlineError: /, '').replace(/\.$/, '')}.`);

export class QueryThread {
  readonly #options: ReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  async query(query: Query): Promise<{ readonly rows: Iterable<Row>; readonly asOfMs: number | undefined }> {
    const columns = (await this.#ask({ query })) as QueryColumns; // what the other side answers to a query
    return { rows: rowsOf(columns), asOfMs: columns.asOfMs };
  }

  async people(): Promise<Iterable<Person>> {
    return peopleOf((await this.#ask({ people: true })) as PeopleColumns); // what the other side answers to this question
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#isClosed = true;
    this.#end(CLOSED);
    await worker?.terminate();
  }

  #ask(question: ToQuerySide['question']): Promise<QueryColumns | PeopleColumns> {
    if (this.#isClosed) return Promise.reject(CLOSED);
    const waiting: Waiting = Promise.withResolvers();
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id, question } satisfies ToQuerySide);
    return waiting.promise;
  }

  /** A thread that has ended is started again by the next question. */
  #start(): Worker {
    const worker = new Worker(new URL('./query-worker.ts', import.meta.url), { workerData: this.#options });
    worker.unref();
    worker.on('message', ({ id, answer, failure }: FromQuerySide) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (answer === undefined) waiting?.reject(unreadable(failure ?? ''));
      else waiting?.resolve(answer);
    });
    const ended = (reason: string): void => {
      if (this.#worker === worker) this.#end(unreadable(reason));
    };
    worker.on('error', (error) => ended(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => ended('its thread ended'));
    return worker;
  }

  #end(reason: LedgerlineError): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(reason);
  }
}

/** One after the other, so that whoever reads them can pause. */
function* rowsOf({ startMs, keys, values }: QueryColumns): Iterable<Row> {
  for (const [index, start] of startMs.entries()) {
    yield { startMs: start, key: keys.map((column) => column[index] ?? ''), values: values.map((column) => column[index] ?? 0n) };
  }
}

function* peopleOf({ user: users, team, organisation, firstSeenMs, lastSeenMs }: PeopleColumns): Iterable<Person> {
  for (const [index, user] of users.entries()) {
    yield {
      ...{ user, team: team[index] ?? '', organisation: organisation[index] ?? '' },
      ...{ firstSeenMs: firstSeenMs[index] ?? 0, lastSeenMs: lastSeenMs[index] ?? 0 },
    };
  }
}
