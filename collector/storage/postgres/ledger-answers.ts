/** The questions of the reading contract, put to a ledger at one instant. */
import type { ApiRequestsAnswer, ApiRequestsQuery } from '../../ledger/api-requests.ts';
import type { ClosedMonth, MovedQuery, MovedRow } from '../../ledger/closed-months.ts';
import type { LedgerSnapshot, LedgerStatus, MinuteRate, Person, Query, QueryResult, Row, RowsQuery, SequenceGaps } from '../../ledger/ledger.ts';
import type { AppliedRepricing } from '../../ledger/repricing-record.ts';
import type { CourseQuery, SessionCourse } from '../../ledger/session-course.ts';
import type {
  Sender,
  Session,
  SessionBand,
  SessionBandsQuery,
  SessionCountQuery,
  SessionSummary,
  SessionsQuery,
  SharedSessions,
  Within,
} from '../../ledger/sessions.ts';
import type { UserMinute, UserMinutesQuery } from '../../ledger/user-minutes.ts';

/** Puts a question to the ledger. */
export type Ask = <Answer>(question: (ledger: LedgerSnapshot) => Promise<Answer>) => Promise<Answer>;

export class LedgerAnswers implements LedgerSnapshot {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  query(query: Query): Promise<QueryResult> {
    return this.#ask((ledger) => ledger.query(query));
  }

  async *rows(query: RowsQuery): AsyncGenerator<readonly Row[], void> {
    const pages = await this.#ask(async (ledger) => ledger.rows(query)[Symbol.asyncIterator]());
    try {
      for (let page = await this.#ask(() => pages.next()); page.done !== true; page = await this.#ask(() => pages.next())) yield page.value;
    } finally {
      // Once the snapshot is over there is nothing to end.
      await this.#ask(async () => pages.return?.()).catch(() => undefined);
    }
  }

  session(sessionId: string, within?: Within): Promise<Session | undefined> {
    return this.#ask((ledger) => ledger.session(sessionId, within));
  }

  sessionSummary(sessionId: string, within?: Within): Promise<SessionSummary | undefined> {
    return this.#ask((ledger) => ledger.sessionSummary(sessionId, within));
  }

  course(sessionId: string, query: CourseQuery): Promise<SessionCourse | undefined> {
    return this.#ask((ledger) => ledger.course(sessionId, query));
  }

  sessions(query: SessionsQuery): Promise<readonly SessionSummary[]> {
    return this.#ask((ledger) => ledger.sessions(query));
  }

  sessionCount(query: SessionCountQuery): Promise<number> {
    return this.#ask((ledger) => ledger.sessionCount(query));
  }

  sessionBands(query: SessionBandsQuery): Promise<readonly SessionBand[]> {
    return this.#ask((ledger) => ledger.sessionBands(query));
  }

  senders(sinceMs: number, within?: Within): Promise<readonly Sender[]> {
    return this.#ask((ledger) => ledger.senders(sinceMs, within));
  }

  minutes(timeRange: { readonly fromMs: number; readonly toMs: number }, within?: Within): Promise<readonly MinuteRate[]> {
    return this.#ask((ledger) => ledger.minutes(timeRange, within));
  }

  userMinutes(query: UserMinutesQuery): Promise<readonly UserMinute[] | undefined> {
    return this.#ask((ledger) => ledger.userMinutes(query));
  }

  people(within?: Within): Promise<readonly Person[]> {
    return this.#ask((ledger) => ledger.people(within));
  }

  apiRequests(query: ApiRequestsQuery, within?: Within): Promise<ApiRequestsAnswer> {
    return this.#ask((ledger) => ledger.apiRequests(query, within));
  }

  gaps(sinceMs: number, within?: Within): Promise<readonly SequenceGaps[]> {
    return this.#ask((ledger) => ledger.gaps(sinceMs, within));
  }

  sharedSessions(max: number): Promise<readonly SharedSessions[]> {
    return this.#ask((ledger) => ledger.sharedSessions(max));
  }

  closedMonths(): Promise<readonly ClosedMonth[]> {
    return this.#ask((ledger) => ledger.closedMonths());
  }

  moved(query: MovedQuery): Promise<readonly MovedRow[]> {
    return this.#ask((ledger) => ledger.moved(query));
  }

  repricings(): Promise<readonly AppliedRepricing[]> {
    return this.#ask((ledger) => ledger.repricings());
  }

  status(): Promise<LedgerStatus> {
    return this.#ask((ledger) => ledger.status());
  }
}
