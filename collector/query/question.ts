/**
 * A question that anyone can ask of the ledger: what it may be given, how it is answered, and what its answer looks like. REST, OpenAPI, the
 * commands and MCP are renderings of the questions in questions.ts; none has a question of its own.
 */
import type { z } from 'zod';
import type { Outbox } from '../alerts/outbox.ts';
import type { BudgetJournal } from '../budgets/journal.ts';
import type { BudgetWatch } from '../budgets/spend-watch.ts';
import type { DemoProgress } from '../catalog/demo-progress.ts';
import type { ReadScope } from '../catalog/read-scope.ts';
import type { RefusalTotal } from '../catalog/refusals.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../core/finding.ts';
import type { Directory } from '../directory/directory.ts';
import type { StatementReader } from '../imports/statements.ts';
import type { LedgerReader } from '../ledger/ledger.ts';
import type { PriceBook } from '../pricing/price-book.ts';
import type { Credentials } from '../server/auth.ts';
import { checkFormat, checkParameters, type Parameters } from './parameters.ts';
import { scopedReader } from './scoped-reader.ts';

/** Who asks. */
export interface Asker {
  readonly credentials: Credentials;
  /** May ask of others than the user of the credentials, within the scope. */
  readonly mayRead: boolean;
}

/** What answers are made of. */
export interface Asking {
  /** Sees what `scope` leaves, whatever is asked of it. May be some seconds behind the ledger, which each answer's age says. */
  readonly reader: LedgerReader;
  /** The same, and never behind. Omitted: `reader` is not either. */
  readonly primary?: LedgerReader | undefined;
  /** What who asks may see. What does not come from `reader` has to be held against it. */
  readonly scope: ReadScope;
  readonly asker: Asker;
  readonly config: Config;
  /** Signs links with which more budget is asked for, and answered. Omitted: there are none. */
  readonly requestKey?: Uint8Array | undefined;
  /** As it is now. Omitted: as its files were when it was first asked. */
  readonly directory?: (() => Directory | Promise<Directory>) | undefined;
  readonly now: () => number;
  readonly prices: PriceBook;
  /** What is set beside the configuration. */
  readonly budgets: BudgetJournal;
  /** Keeps ready what developers ask for; without it the ledger is asked. */
  readonly watch?: BudgetWatch | undefined;
  readonly alerts: Pick<Outbox, 'records' | 'deliveries'>;
  /** Opens the provider's own records, for one answer; without it there are none. */
  readonly statements?: (() => StatementReader | Promise<StatementReader>) | undefined;
  /** The collector's own series, in Prometheus' text format; '' where no collector runs. */
  readonly selfText: () => Promise<string>;
  /** What the receivers refused. */
  readonly refusals: () => Promise<readonly RefusalTotal[]>;
  /** What is wrong beside the ledger, such as scheduled exports that are behind. Without it nothing is. */
  readonly findings?: (() => Promise<readonly Finding[]>) | undefined;
  /** Of a collector that shows a made-up organization; null, and without it, the figures are real. */
  readonly demo?: (() => Promise<DemoProgress | null>) | undefined;
}

/** The same for somebody who may see less. */
export const askingAs = (asking: Asking, scope: ReadScope): Asking => ({
  ...asking,
  scope,
  reader: scopedReader(asking.reader, scope),
  primary: asking.primary && scopedReader(asking.primary, scope),
});

/** What is never behind the ledger: for what stops users, and for what changes the ledger by what it holds. */
export const withPrimary = <Options extends Pick<Asking, 'reader' | 'primary'>>(options: Options): Options =>
  options.primary === undefined ? options : { ...options, reader: options.primary };

/** One parameter of the query string, as documents say it. */
export interface ParameterShape {
  /** Of the text. With `.describe()`, and `.meta({ examples })` where the description does not say it all. */
  readonly schema: z.ZodType;
  /** May be given several times. */
  readonly isRepeatable?: true;
  /** Takes several of these names, separated by commas. */
  readonly listOf?: readonly string[];
}

export type ParameterShapes = Readonly<Record<string, ParameterShape>>;

/** What a question is given. */
export interface Given {
  readonly parameters: Parameters;
  /** What stands in the path in the place of `{name}`. */
  readonly path?: Readonly<Record<string, string>>;
}

/** What the words of a question are read with. */
export type ParseContext = Pick<Asking, 'config'> & { readonly nowMs: number };

export interface QuestionShape<Asked, Answer> {
  /** One word or several with underscores: operation of OpenAPI, tool of MCP. */
  readonly id: string;
  /** Below /api/v1; parameters of the path in braces. */
  readonly path: string;
  /** One line that begins with a capital letter and ends with a full stop. */
  readonly summary: string;
  /** What a reader of the documents has to know beyond it. */
  readonly description?: string;
  readonly parameters: ParameterShapes;
  /** What stands in the path in braces. */
  readonly pathParameters?: ParameterShapes;
  readonly answer: z.ZodType<Answer>;
  /** 'own': may be asked with a user's token that only sends, too, about that user. Default: 'read'. */
  readonly access?: 'read' | 'own';
  /** What it answers stops users, or says how well the collector is: never of a ledger that may be behind. */
  readonly isOfPrimary?: true;
  /** Nothing but what is asked and the ledger decides the answer, its age apart: not the time, not budgets, not what the collector knows of itself. */
  readonly isOfLedger?: true;
  /** Throws LedgerlineError `invalid` that names the parameter, its value and the remedy. */
  parse(given: Given, context: ParseContext): Asked;
  ask(asked: Asked, asking: Asking): Promise<Answer>;
  /**
   * Of an answer that may be used again for a while: how long, and what is sent of it, in another form where one is asked for. Without it: until
   * it is asked for again.
   */
  readonly kept?: {
    /** Of the other form. */
    readonly schema: z.ZodType;
    of(asked: Asked, answer: Answer): { readonly seconds: number; readonly body: object };
  };
  /** The answer as comma-separated values, where it is a table. */
  csv?(asked: Asked, answer: Answer): Iterable<string>;
  /** Name of that file, without its ending. Default: what stands in the path. */
  csvName?(asked: Asked, answer: Answer): string;
}

export interface Question<Asked = unknown, Answer = unknown> extends QuestionShape<Asked, Answer> {
  /** Checks and reads what is given. */
  read(given: Given, asking: Pick<Asking, 'config' | 'now'>): Asked;
  /** Reads and answers: everything but how it is sent. */
  respond(given: Given, asking: Asking): Promise<{ readonly asked: Asked; readonly answer: Answer }>;
}

export function question<Asked, Answer>(shape: QuestionShape<Asked, Answer>): Question<Asked, Answer> {
  const read: Question<Asked, Answer>['read'] = (given, { config, now }) => {
    checkParameters(given.parameters, shape.parameters);
    if (shape.csv !== undefined) checkFormat(given.parameters);
    return shape.parse(given, { config, nowMs: now() });
  };
  const ask: Question<Asked, Answer>['ask'] = (asked, asking) => shape.ask(asked, shape.isOfPrimary === true ? withPrimary(asking) : asking);
  return {
    ...shape,
    read,
    ask,
    async respond(given, asking) {
      const asked = read(given, asking);
      return { asked, answer: await ask(asked, asking) };
    },
  };
}
