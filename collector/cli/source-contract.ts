/** What read commands ask, wherever it gets its figures. */
import type { Finding } from '../core/finding.ts';
import type { Question } from '../query/question.ts';
import type { ExportStream } from './export-source.ts';

export interface Source {
  /** Puts a question of the query layer; `path` is what stands in its path in braces. */
  ask<Asked, Answer>(question: Question<Asked, Answer>, parameters: URLSearchParams, path?: Readonly<Record<string, string>>): Promise<Answer>;
  /** What is wrong with the source itself, beside its answers. */
  findings(): Promise<readonly Finding[]>;
  /** A part of the ledger as a file. */
  export(parameters: URLSearchParams): Promise<ExportStream>;
  close(): Promise<void>;
}
