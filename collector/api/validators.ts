/** Validators of answers (RFC 9110, 8.8): who has an answer already is not sent it again. */
import { createHash, randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Asking, Question } from '../query/question.ts';
import { isLarge } from './large-answer.ts';

/** What changes without anything having happened is no reason to send all the rest again. */
const AGES = new Set(['age_seconds', 'evaluated_at', 'now']);

const weak = (text: string): string => `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;

/** Weak, since answers of the same facts differ in their age. Undefined for large ones: hashing them would cost more than it saves. */
export function tagOf(answer: unknown, type: string): string | undefined {
  if (isLarge(answer)) return undefined;
  return weak(type + JSON.stringify(answer, (key, value: unknown) => (AGES.has(key) ? undefined : value)));
}

/** Validators of answers that nothing but the ledger decides: known before anything is added up. */
export class LedgerTags {
  /** Of this process: what an update changed of the answers, no state of the ledger shows. */
  #epoch = randomUUID();

  /** Names were changed, which the counters of the ledger do not show. */
  renew(): void {
    this.#epoch = randomUUID();
  }

  /** Reads the state first: what is booked before the answer is made is answered under an old tag, and asked for again. */
  async tagFor({ id }: Question, asked: unknown, { reader, scope }: Asking, type: string): Promise<string> {
    const state = await reader.status();
    return weak(
      JSON.stringify([this.#epoch, id, type, asked, scope, state], (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    );
  }
}

/** Sets the headers of an answer that may be kept as long as it is asked for again each time. True: the client has it. */
export function isKnown(request: Pick<Request, 'get'>, response: Response, tag: string | undefined): boolean {
  response.set('Cache-Control', 'private, no-cache');
  if (tag === undefined) return false;
  response.set('ETag', tag);
  return matches(request.get('if-none-match') ?? '', tag);
}

const matches = (known: string, tag: string): boolean =>
  known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag.replace(/^W\//, ''));
