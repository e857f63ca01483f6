/** The other end of query-client.ts: answers one question after the other, column by column, which is quick to hand over. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Person, Query } from '../../ledger/ledger.ts';
import { openReader, type ReaderOptions } from './ledger-reader.ts';

export interface ToQuerySide {
  readonly id: number;
  readonly question: { readonly query: Query } | { readonly people: true };
}

export interface FromQuerySide {
  readonly id: number;
  readonly answer?: QueryColumns | PeopleColumns;
  readonly failure?: string;
}

export interface QueryColumns {
  readonly startMs: readonly (number | undefined)[];
  /** One column for each of Query.by. */
  readonly keys: readonly (readonly string[])[];
  /** One column for each of Query.measures. */
  readonly values: readonly (readonly bigint[])[];
  readonly asOfMs: number | undefined;
}

export type PeopleColumns = { readonly [Key in keyof Person]: readonly Person[Key][] };

const port = parentPort;
if (port === null) throw new Error('query-worker.ts runs as a worker only');

const reader = openReader(workerData as ReaderOptions); // what query-client.ts hands in
port.on('message', ({ id, question }: ToQuerySide) => {
  port.postMessage({ id, ...answerOf(question) } satisfies FromQuerySide);
});

function answerOf(question: ToQuerySide['question']): Omit<FromQuerySide, 'id'> {
  try {
    return { answer: 'query' in question ? queryColumns(question.query) : peopleColumns(reader.people()) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function queryColumns(query: Query): QueryColumns {
  const { rows, asOfMs } = reader.query(query);
  return {
    startMs: rows.map((row) => row.startMs),
    keys: query.by.map((_, index) => rows.map(({ key }) => key[index] ?? '')),
    values: query.measures.map((_, index) => rows.map(({ values }) => values[index] ?? 0n)),
    asOfMs,
  };
}

function peopleColumns(people: readonly Person[]): PeopleColumns {
  return {
    organisation: people.map(({ organisation }) => organisation),
    team: people.map(({ team }) => team),
    user: people.map(({ user }) => user),
    firstSeenMs: people.map(({ firstSeenMs }) => firstSeenMs),
    lastSeenMs: people.map(({ lastSeenMs }) => lastSeenMs),
  };
}
