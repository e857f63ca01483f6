/** What sources get from the program around them. */
import type { JsonAccess, JsonClient } from './http/json-client.ts';
import type { StatementLine } from './statement-line.ts';

export interface ImportWorld extends Pick<JsonAccess, 'fetch' | 'pause' | 'now' | 'signal'> {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A model as the ledger has it, and the region that its id says. */
  readonly modelOf: (id: string | undefined) => Pick<StatementLine, 'model' | 'region'>;
  /** A user as the ledger has it on a day in UTC, aliases of the directory included. Without a day: now. */
  readonly userOf: (name: string | undefined, day?: string) => string | undefined;
}

/** For sources that are read over HTTP. */
export interface HttpWorld extends Pick<ImportWorld, 'modelOf' | 'userOf'> {
  readonly client: JsonClient;
}
