/** The other end of query-client.ts: answers one query after the other, column by column, which is quick to hand over. */
import type { NoMethods } from '../../core/rpc-channel.ts';
import { type Protocol, serveWorker } from '../../core/worker-rpc.ts';
import type { Person, Query } from '../../ledger/ledger.ts';
import { type LedgerConnection, openConnection, type ReaderOptions } from './ledger-connection.ts';

export interface QueryProtocol extends Protocol {
  readonly options: ReaderOptions;
  readonly ready: undefined;
  readonly worker: { query(query: Query): QueryColumns; people(): PeopleColumns };
  readonly parent: NoMethods;
  readonly toWorker: never;
  readonly toParent: never;
}

export interface QueryColumns {
  readonly startMs: readonly (number | undefined)[];
  /** One column for each of Query.by. */
  readonly keys: readonly (readonly string[])[];
  /** One column for each of Query.measures. */
  readonly values: readonly (readonly bigint[])[];
  readonly totals: readonly bigint[];
  readonly asOfMs: number | undefined;
}

export type PeopleColumns = { readonly [Key in keyof Person]: readonly Person[Key][] };

void serveWorker<QueryProtocol>((options) => {
  const reader = openConnection(options);
  return {
    ready: undefined,
    answers: { query: (query) => queryColumns(reader, query), people: () => peopleColumns(reader.people()) },
    close: () => reader.close(),
  };
});

function queryColumns(reader: LedgerConnection, query: Query): QueryColumns {
  const { rows, totals, asOfMs } = reader.query(query);
  return {
    startMs: rows.map((row) => row.startMs),
    keys: query.by.map((_, index) => rows.map(({ key }) => key[index] ?? '')),
    values: query.measures.map((_, index) => rows.map(({ values }) => values[index] ?? 0n)),
    totals,
    asOfMs,
  };
}

function peopleColumns(people: readonly Person[]): PeopleColumns {
  return {
    organization: people.map(({ organization }) => organization),
    team: people.map(({ team }) => team),
    user: people.map(({ user }) => user),
    firstSeenMs: people.map(({ firstSeenMs }) => firstSeenMs),
    lastSeenMs: people.map(({ lastSeenMs }) => lastSeenMs),
  };
}
