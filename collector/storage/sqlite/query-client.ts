/** The ledger on a thread of its own, for those whose own thread must stay free: a query over ten thousand users takes a while. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LedgerlineError } from '../../core/error.ts';
import { type RunningWorker, startWorker } from '../../core/worker-rpc.ts';
import type { LedgerSnapshot, Person, Query, QueryResult, Row } from '../../ledger/ledger.ts';
import { allCommitted } from './commit-signal.ts';
import type { ReaderOptions } from './ledger-reader.ts';
import type { PeopleColumns, QueryColumns, QueryProtocol } from './query-worker.ts';

const CLOSED = new LedgerlineError('unavailable', 'The ledger is closed.');

/** The words of whatever it was, and not that it was internal. */
const unreadable = (thrown: unknown): LedgerlineError => {
  const { message, cause } = LedgerlineError.from(thrown);
  const reason = cause instanceof Error ? cause.message : message;
  return new LedgerlineError('unavailable', `The ledger cannot be read: ${reason.replace(/\.$/, '')}.`, { cause });
};

export class QueryThread implements Pick<LedgerSnapshot, 'query' | 'people'> {
  readonly #options: ReaderOptions;
  #worker: Promise<RunningWorker<QueryProtocol>> | undefined;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  async query(query: Query): Promise<QueryResult> {
    const columns = await this.#ask((worker) => worker.request('query', query));
    return { rows: await inTurns(rowsOf(columns)), totals: columns.totals, asOfMs: columns.asOfMs };
  }

  async people(): Promise<readonly Person[]> {
    return inTurns(peopleOf(await this.#ask((worker) => worker.request('people'))));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.close();
  }

  async #ask<Answer>(ask: (worker: RunningWorker<QueryProtocol>) => Promise<Answer>): Promise<Answer> {
    if (this.#isClosed) throw CLOSED;
    this.#worker ??= this.#start();
    try {
      await allCommitted(this.#options.file);
      return await ask(await this.#worker);
    } catch (error) {
      throw this.#isClosed ? CLOSED : unreadable(error);
    }
  }

  /** A thread that has ended, or could not start, is started again by the next query. */
  #start(): Promise<RunningWorker<QueryProtocol>> {
    const starting = startWorker<QueryProtocol>({
      url: new URL('./query-worker.ts', import.meta.url),
      name: 'queries',
      options: this.#options,
      answers: {},
      // It only reads: what it is busy with is of no use to anybody any more.
      closeMs: 0,
      isBackground: true,
    });
    const forget = (): void => {
      if (this.#worker === starting) this.#worker = undefined;
    };
    starting.then((worker) => worker.ended.then(forget), forget);
    return starting;
  }
}

/** So many rows are made before others on this thread have their turn. */
const TURN = 1_000;

async function inTurns<Item>(items: Iterable<Item>): Promise<Item[]> {
  const made: Item[] = [];
  for (const item of items) {
    made.push(item);
    if (made.length % TURN === 0) await nextTurn();
  }
  return made;
}

function* rowsOf({ startMs, keys, values }: QueryColumns): Iterable<Row> {
  for (const [index, start] of startMs.entries()) {
    yield { startMs: start, key: keys.map((column) => column[index] ?? ''), values: values.map((column) => column[index] ?? 0n) };
  }
}

function* peopleOf({ user: users, team, organization, firstSeenMs, lastSeenMs }: PeopleColumns): Iterable<Person> {
  for (const [index, user] of users.entries()) {
    yield {
      ...{ user, team: team[index] ?? '', organization: organization[index] ?? '' },
      ...{ firstSeenMs: firstSeenMs[index] ?? 0, lastSeenMs: lastSeenMs[index] ?? 0 },
    };
  }
}
