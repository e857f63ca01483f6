/** POST /api/v1/directory/merges: a name under which spend is booked becomes that of a user. With an admin token, or from this machine. */
import type { RequestHandler } from 'express';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { readParameters } from '../query/parameters.ts';
import { isNobody, type MergeOutcome, type MergeRequest } from '../query/personal-data.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { asObject, readJson } from './json-body.ts';

export type MergeUsers = (request: MergeRequest) => Promise<MergeOutcome>;

interface MergeContext {
  readonly config: Config;
  readonly authenticate?: Authenticator;
  /** Omitted: this API cannot merge. */
  readonly merge?: MergeUsers | undefined;
}

const EXAMPLE = '{"alias": "account-1", "user": "ada@example.com", "dry_run": true}';
const KEYS = ['alias', 'user', 'dry_run'];

/** `done` is called when names may have changed. */
export const directoryMerges =
  ({ config, authenticate, merge }: MergeContext, done: () => Promise<void>): RequestHandler =>
  async (request, response) => {
    readParameters(request.originalUrl, []);
    const who = writerOf(request, config, authenticate, 'Merging users');
    const body = asObject(await readJson(request), EXAMPLE);
    const unknown = Object.keys(body).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) throw refused(`${unknown.slice(0, 80)} is not a key of a merge.`);
    const { alias, user, dry_run = false } = body;
    if (typeof alias !== 'string' || typeof user !== 'string' || isNobody(alias) || isNobody(user))
      throw refused('alias and user must be names of users.');
    if (typeof dry_run !== 'boolean') throw refused('dry_run must be true or false.');
    if (merge === undefined) throw new LedgerlineError('unsupported', 'This collector cannot merge users.');
    response.json(await merge({ alias, user, isTrial: dry_run, who }).finally(done));
  };

const refused = (message: string): LedgerlineError => new LedgerlineError('invalid', message, { hint: `Example: ${EXAMPLE}.` });
