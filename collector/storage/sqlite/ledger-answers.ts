/** The questions of the reading contract, put to a connection that is held. Errors become rejections. */
import { turnWhileWanted } from '../../core/wanted.ts';
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
import type { LedgerConnection } from './ledger-connection.ts';

export class LedgerAnswers implements LedgerSnapshot {
  readonly #connection: () => LedgerConnection | Promise<LedgerConnection>;

  /** `connection` is asked for with every question, and throws when there is none any more. */
  constructor(connection: () => LedgerConnection | Promise<LedgerConnection>) {
    this.#connection = connection;
  }

  async query(query: Query): Promise<QueryResult> {
    return this.#inSteps((await this.#connection()).querySteps(query));
  }

  async #inSteps<Result>(steps: Iterator<undefined, Result>): Promise<Result> {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      await turnWhileWanted();
      // Whose connection has ended meanwhile may not use it, for another has it now.
      await this.#connection();
    }
  }

  async *rows(query: RowsQuery): AsyncGenerator<readonly Row[]> {
    for (const page of (await this.#connection()).rowSteps(query)) {
      if (page === undefined) await turnWhileWanted();
      else yield page;
      await this.#connection();
    }
  }

  async session(sessionId: string, within?: Within): Promise<Session | undefined> {
    return (await this.#connection()).session(sessionId, within);
  }

  async sessionSummary(sessionId: string, within?: Within): Promise<SessionSummary | undefined> {
    return (await this.#connection()).sessionSummary(sessionId, within);
  }

  async course(sessionId: string, query: CourseQuery): Promise<SessionCourse | undefined> {
    return (await this.#connection()).course(sessionId, query);
  }

  async sessions(query: SessionsQuery): Promise<readonly SessionSummary[]> {
    return (await this.#connection()).sessions(query);
  }

  async sessionCount(query: SessionCountQuery): Promise<number> {
    return (await this.#connection()).sessionCount(query);
  }

  async sessionBands(query: SessionBandsQuery): Promise<readonly SessionBand[]> {
    return (await this.#connection()).sessionBands(query);
  }

  async senders(sinceMs: number, within?: Within): Promise<readonly Sender[]> {
    return (await this.#connection()).senders(sinceMs, within);
  }

  async minutes(timeRange: { readonly fromMs: number; readonly toMs: number }, within?: Within): Promise<readonly MinuteRate[]> {
    return (await this.#connection()).minutes(timeRange, within);
  }

  async apiRequests(query: ApiRequestsQuery, within: Within = []): Promise<ApiRequestsAnswer> {
    return within.length > 0 ? { sums: [], uncounted: [] } : this.#inSteps((await this.#connection()).apiRequestSteps(query));
  }

  async userMinutes(query: UserMinutesQuery): Promise<readonly UserMinute[] | undefined> {
    return this.#inSteps((await this.#connection()).userMinuteSteps(query));
  }

  async repricings(): Promise<readonly AppliedRepricing[]> {
    return (await this.#connection()).repricings();
  }

  async sharedSessions(max: number): Promise<readonly SharedSessions[]> {
    return (await this.#connection()).sharedSessions(max);
  }

  async closedMonths(): Promise<readonly ClosedMonth[]> {
    return (await this.#connection()).closedMonths();
  }

  async moved(query: MovedQuery): Promise<readonly MovedRow[]> {
    return this.#inSteps((await this.#connection()).movedSteps(query));
  }

  async people(within?: Within): Promise<readonly Person[]> {
    return (await this.#connection()).people(within);
  }

  async gaps(sinceMs: number, within?: Within): Promise<readonly SequenceGaps[]> {
    return (await this.#connection()).gaps(sinceMs, within);
  }

  async status(): Promise<LedgerStatus> {
    return (await this.#connection()).status();
  }
}
