/**
 * Numbers that every replica computes alike, so that no database has to hand them out: the first 53 bits of a digest, which JavaScript
 * and int8 hold exactly. What they stand for is stored beside them and compared; of two that collide, the later one gets its next attempt.
 */
import { hash } from 'node:crypto';

export const naturalKey = (text: string, attempt = 0): number => {
  const digest = hash('sha256', attempt === 0 ? text : `${attempt}:${text}`, 'buffer');
  // 48 bits and 5 of the next byte.
  return digest.readUIntBE(0, 6) * 32 + ((digest[6] ?? 0) >> 3);
};

/** The shard of a session: one on a single database, as many as `storage init` was given on a distributed one. */
export const slotOf = (session: number, slots: number): number => session % slots;
