/** Validators of answers (RFC 9110, 8.8): who has an answer already is not sent it again. */
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { isLarge } from './large-answer.ts';

/** What changes without anything having happened is no reason to send all the rest again. */
const AGES = new Set(['age_seconds', 'evaluated_at', 'now']);

/** Weak, since answers of the same facts differ in their age. Undefined for large ones: hashing them would cost more than it saves. */
export function tagOf(answer: unknown, type: string): string | undefined {
  if (isLarge(answer)) return undefined;
  const facts = JSON.stringify(answer, (key, value: unknown) => (AGES.has(key) ? undefined : value));
  return `W/"${createHash('sha256')
    .update(type + facts)
    .digest('base64url')
    .slice(0, 22)}"`;
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
