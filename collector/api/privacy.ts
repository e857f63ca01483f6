/** POST /api/v1/privacy/erasures: a person out of everything that the collector keeps. With an admin token, or from this machine. */
import type { RequestHandler } from 'express';
import type { Config } from '../config/config.ts';
import { LedgerlineError } from '../core/error.ts';
import { readParameters } from '../query/parameters.ts';
import { type ErasureOutcome, type ErasureRequest, isNobody } from '../query/personal-data.ts';
import type { Authenticator } from '../server/auth.ts';
import { writerOf } from './access.ts';
import { asObject, readJson } from './json-body.ts';

export type Erase = (request: ErasureRequest) => Promise<ErasureOutcome>;

interface PrivacyContext {
  readonly config: Config;
  readonly authenticate?: Authenticator;
  /** Omitted: this API cannot erase. */
  readonly erase?: Erase | undefined;
}

const EXAMPLE = '{"users": ["ada@example.com"], "remember": true, "dry_run": true}';
const KEYS = ['users', 'remember', 'dry_run'];
const USERS_MAX = 100;

/** `done` is called when names may have changed. */
export const erasures =
  ({ config, authenticate, erase }: PrivacyContext, done: () => Promise<void>): RequestHandler =>
  async (request, response) => {
    readParameters(request.originalUrl, []);
    const who = writerOf(request, config, authenticate, 'Erasing users');
    const body = asObject(await readJson(request), EXAMPLE);
    const unknown = Object.keys(body).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) throw refused(`${unknown.slice(0, 80)} is not a key of an erasure.`);
    const { users, remember = true, dry_run = false } = body;
    if (!isUsers(users)) throw refused(`users must be a list of 1 to ${USERS_MAX} names of one user.`);
    if (typeof remember !== 'boolean' || typeof dry_run !== 'boolean') throw refused('remember and dry_run must be true or false.');
    if (erase === undefined) throw new LedgerlineError('unsupported', 'This collector cannot erase users.');
    response.json(await erase({ users, isRemembered: remember, isTrial: dry_run, who }).finally(done));
  };

const isUsers = (users: unknown): users is string[] =>
  Array.isArray(users) && users.length > 0 && users.length <= USERS_MAX && users.every((user) => typeof user === 'string' && !isNobody(user));

const refused = (message: string): LedgerlineError => new LedgerlineError('invalid', message, { hint: `Example: ${EXAMPLE}.` });
